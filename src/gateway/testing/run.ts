import { NO_ANSWERS } from '../answer-keeper.ts';
import { textToBytes, type Bytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import { composeGateway } from '../../compose/compose-gateway.ts';
import { loadConfig } from '../../compose/load-config.ts';
import { CHAT_COMPLETIONS } from '../../server/inference/surfaces.ts';
import { RecordingSink } from '../../testing/recording-sink.ts';
import { virtualRuntime } from '../../testing/virtual-runtime.ts';
import { admit } from '../admit.ts';
import type { Surface } from '../call.ts';
import { outgoing, type Outgoing } from '../outgoing.ts';
import type { EmptyAnswer, ReceivedAnswer, ReceivedFailure, ReceiverHost } from '../receiver.ts';
import { RequestRun } from '../request-run.ts';
import type { AttemptMove } from '../../routing/move.ts';
import { CAREFREE } from '../../testing/carefree-health.ts';
import { waitsFor } from '../waits.ts';

/** What a run is made for; everything has a default. */
export interface RunOptions {
  readonly config?: Json;
  readonly surface?: Surface;
  readonly body?: Json;
  readonly headers?: { readonly [name: string]: string };
}

const PROVIDERS = {
  chat: { kind: 'openai', key: 'env:CHAT_KEY' },
  messages: { kind: 'anthropic', key: 'env:MESSAGES_KEY' },
};

/** A request to a gateway with a chat and a messages provider, as far as it is before it is admitted. */
export async function testRun({ config, surface, body, headers = {} }: RunOptions = {}): Promise<RequestRun> {
  const secrets = { 'env:CHAT_KEY': 'chat-key', 'env:MESSAGES_KEY': 'messages-key' };
  const { runtime } = virtualRuntime({ secrets });
  const { config: loaded } = loadConfig(
    { type: 'value', value: config ?? { providers: PROVIDERS } },
    runtime.secrets,
  );
  const keys = { identify: () => ({ type: 'caller', caller: CALLER }) as const };
  const { gateway } = await composeGateway({ config: loaded, runtime, keys });
  const { snapshot } = gateway;
  return new RequestRun(
    { runtime, keys, snapshot: () => snapshot, health: CAREFREE, answers: NO_ANSWERS, publish: () => {} },
    {
      surface: surface ?? CHAT_COMPLETIONS,
      path: {},
      body: textToBytes(JSON.stringify(body ?? { model: 'chat/m', messages: [] })),
      client: { header: (name) => headers[name] },
      sink: new RecordingSink(),
    },
  );
}

const CALLER = {
  keyId: 'key_test',
  name: 'test',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
} as const;

/** What goes to the first candidate of a request's plan. */
export function firstOutgoing(run: RequestRun): Outgoing {
  const admitted = admit(run);
  run.admitted = admitted;
  const [target] = admitted.plan.candidates;
  if (target === undefined) throw new Error('the plan has no candidates');
  const asked = { stream: true, inputTokens: 1, minTokensPerSecond: null, leftMs: 1e9, others: false };
  const move: AttemptMove = { type: 'attempt', target, keyIndex: 0, purpose: 'first', resume: null };
  return outgoing(run, admitted, move, waitsFor(target, null, asked));
}

/** A host that keeps what its receiver makes of an answer. */
export class RecordingHost implements ReceiverHost {
  readonly run: RequestRun;
  readonly outgoing: Outgoing;
  readonly resume = null;
  readonly address = 'chat/m';
  committed = false;
  sent = '';
  /** How often content arrived. */
  progressed = 0;
  answer: ReceivedAnswer | null = null;
  empty: EmptyAnswer | null = null;
  failure: ReceivedFailure | null = null;

  constructor(run: RequestRun) {
    this.run = run;
    this.outgoing = firstOutgoing(run);
  }

  commit(): void {
    this.committed = true;
  }

  send(bytes: Bytes): void {
    this.sent += bytes;
  }

  progress(): void {
    this.progressed += 1;
  }

  answered(answer: ReceivedAnswer): void {
    this.answer ??= answer;
  }

  emptied(answer: EmptyAnswer): void {
    this.empty ??= answer;
  }

  failed(failure: ReceivedFailure): void {
    this.failure ??= failure;
  }
}
