import type { Json, JsonObject } from '../../src/base/json.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import type { Clock, Transport } from '../../src/spec/ports.ts';
import { head, say, scriptedTransport, type Step } from './scripted-transport.ts';
import { createWorld, type Sent, type SentRequest, type World } from './world.ts';

const PROVIDERS = ['a', 'b', 'c'] as const;
/** One of them. */
export type Name = (typeof PROVIDERS)[number];

/** What such a network is used by. */
export interface Net {
  readonly made: World;
  readonly calls: (name: Name) => number;
}

/** The settings of such a provider; of its keys all are the same. */
export function providerOf(name: Name, kind: string, keys: number): JsonObject {
  const refs = Array.from({ length: keys }, () => 'env:PROVIDER_KEY');
  return { kind, base_url: `https://${name}.example.com/v1`, keys: refs };
}

/** What the gateway before it is configured with; everything has a default. */
export interface Setting {
  readonly config?: JsonObject;
  readonly failover?: JsonObject;
  readonly targets?: readonly Name[];
  readonly kind?: string;
  readonly keys?: number;
}

/** A network on which each provider plays its own script, call by call; the last script stays. */
export async function netOf(
  scripts: { readonly [name in Name]?: readonly (readonly Step[])[] },
  setting: Setting = {},
): Promise<Net> {
  const { targets = ['a', 'b'], kind = 'openai-compatible', keys = 1, failover = {}, config = {} } = setting;
  let clock: Clock | null = null;
  const counts = new Map<string, number>();
  const transport: Transport = {
    send(request, handler) {
      const name = PROVIDERS.find((each) => each === request.provider) ?? 'a';
      const number = counts.get(name) ?? 0;
      counts.set(name, number + 1);
      const all = scripts[name] ?? [];
      const steps = all[Math.min(number, all.length - 1)] ?? [];
      return scriptedTransport(() => clock!, steps).send(request, handler);
    },
    close: async () => {},
  };
  const made = await createWorld({
    seed: 7,
    transport,
    config: {
      failover: { spare_share: 0, ...failover },
      providers: Object.fromEntries(
        PROVIDERS.map((name) => [name, providerOf(name, kind, name === 'a' ? keys : 1)]),
      ),
      models: { m: { targets: targets.map((name) => `${name}/x`) } },
      ...config,
    },
  });
  clock = made.virtual.clock;
  return { made, calls: (name) => counts.get(name) ?? 0 };
}

/** A question of a chat client. */
export function ask(
  stream: boolean,
  special: JsonObject = {},
  headers: { readonly [name: string]: string } = {},
): SentRequest {
  const messages: Json = [{ role: 'user', content: 'Count to 30, please.' }];
  return { surface: 'chat', headers, body: { model: 'm', stream, messages, ...special } };
}

/** Lets time pass until the request is over, and tells how it ended. */
export async function ended(made: World, sent: Sent): Promise<RequestFinished> {
  await made.virtual.clock.runUntil(sent.done, 3_600_000);
  const found = made.events.findLast((event) => event.type === 'request-finished');
  if (!sent.done() || found?.type !== 'request-finished') throw new Error('the request never finished');
  return found;
}

/** How an answer begins: a stream, or JSON. */
export const SSE = head(200, 'text/event-stream');
export const JSON_HEAD = head(200, 'application/json');
/** How its connection ends. */
export const END: Step = { type: 'end' };
export const RESET: Step = { type: 'break', failure: 'reset' };

/** A piece of a chat stream. */
export function chunk(content: string, finish: string | null = null, index = 0): Step {
  const choice = { index, delta: content === '' ? {} : { content }, finish_reason: finish };
  return say(
    `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'x', choices: [choice] })}\n\n`,
  );
}

/** The end of a chat stream. */
export const DONE = say('data: [DONE]\n\n');

/** A whole chat answer. */
export function whole(content: string): Step {
  const message = { role: 'assistant', content };
  return say(
    JSON.stringify({
      id: 'c1',
      object: 'chat.completion',
      model: 'x',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: content.length, total_tokens: 5 + content.length },
    }),
  );
}

/** What a provider does that is well, whole and as a stream. */
export const WELL: readonly Step[] = [JSON_HEAD, whole('one two three'), END];
export const STREAMED: readonly Step[] = [
  SSE,
  chunk('one two '),
  chunk('three'),
  chunk('', 'stop'),
  DONE,
  END,
];
