import { addUsage } from '../spec/usage.ts';
import type { Attempt } from '../spec/attempt.ts';
import type { GatewayError } from '../spec/error.ts';
import type { RequestFinished } from '../spec/event.ts';
import { routeWords } from './answer-headers.ts';
import type { RequestRun } from './request-run.ts';

/** How a request ended. */
export interface Ending {
  readonly status: number;
  readonly error: GatewayError | null;
  readonly answered: Attempt | null;
  readonly costNanodollars: bigint | null;
}

/** The one event that tells everything about a request; published exactly once. */
export function finished(
  run: RequestRun,
  { status, error, answered, costNanodollars }: Ending,
): RequestFinished {
  const { attempts, call } = run;
  const durationMs = run.elapsedMs();
  return {
    type: 'request-finished',
    requestId: run.id,
    startedAtMs: run.startedAtMs,
    durationMs,
    overheadMs: Math.max(0, durationMs - run.waitedMs),
    firstTokenMs: run.firstTokenMs,
    protocol: call.surface.protocol.id,
    operation: call.surface.operation,
    ...asked(run),
    status,
    error: error === null ? null : { kind: error.kind, message: error.message },
    attempts,
    // A stream that broke off was still that target's answer.
    target: answered?.target ?? attempts.findLast(isCommitted)?.target ?? null,
    finish: answered?.outcome.type === 'answered' ? answered.outcome.finish : null,
    usage: attempts.reduce((sum: Attempt['usage'], { usage }) => addUsage(sum, usage), null),
    costNanodollars,
    warnings: answered?.warnings ?? [],
    requestBytes: call.body.length,
    answerBytes: run.answerBytes,
  };
}

function isCommitted({ outcome }: Attempt): boolean {
  return outcome.type === 'failed' && outcome.committed;
}

type Asked = Pick<RequestFinished, 'model' | 'modelKnown' | 'keyId' | 'tags' | 'stream' | 'routeReason'>;

// As far as it was read before the request was refused.
function asked(run: RequestRun): Asked {
  const { caller, model, stream, admitted, snapshot } = run;
  const own = caller?.tags ?? [];
  const name = admitted?.named.configuredName ?? model;
  return {
    model,
    modelKnown: name !== null && snapshot.names.has(name),
    keyId: caller?.keyId ?? null,
    tags: admitted === null || admitted.tags.length === 0 ? own : [...own, ...admitted.tags],
    stream,
    routeReason: admitted === null ? null : routeWords(run, run.attempts.length),
  };
}
