import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import type { Attempt } from '../../src/spec/attempt.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { openGateway, PROVIDER_KEY, type RunningGateway } from './gateway.ts';
import { startSilentProvider, type SilentProvider } from './providers/silent-provider.ts';

/** How soon the providers must see that nobody waits any more, and the request be over. */
const LEFT_WITHIN_MS = 100;
/** When a hedged request asks its second target. */
const HEDGE_MS = 30;

let first: SilentProvider;
let second: SilentProvider;
let gateway: RunningGateway;
const finished: RequestFinished[] = [];
const ended: Attempt[] = [];

beforeAll(async () => {
  [first, second] = await Promise.all([startSilentProvider(), startSilentProvider()]);
  const provider = ({ url }: SilentProvider): JsonObject => ({
    kind: 'openai',
    base_url: `${url}/v1`,
    key: PROVIDER_KEY,
  });
  const both = ['first/gpt-4.1', 'second/gpt-4.1-mini'];
  gateway = await openGateway({
    providers: { first: provider(first), second: provider(second) },
    models: {
      one: { targets: ['first/gpt-4.1'] },
      two: { targets: both },
      hedged: { targets: both, failover: { hedge: { after_ms: HEDGE_MS } } },
    },
    failover: {
      spare_share: 0,
      probes: false,
      breaker: { consecutive_failures: 1000, min_requests: 100_000 },
      retry_budget: { share: 1, minimum: 1000 },
    },
  });
  gateway.instance.bus.subscribe('leaving', (event) => {
    if (event.type === 'request-finished') finished.push(event);
    if (event.type === 'attempt-finished') ended.push(event.attempt);
  });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([first.close(), second.close()]);
});

/** A library that has asked for a stream: ends when it has left. */
interface Asking {
  leave(): void;
  readonly left: Promise<unknown>;
  /** Resolves when the client has read some text. */
  readonly reads: Promise<void>;
}

const CLIENTS: readonly { readonly name: string; readonly ask: (model: string) => Asking }[] = [
  {
    name: 'openai',
    ask: (model) => {
      const client = new OpenAI({ apiKey: gateway.key, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
      const stream = client.chat.completions.stream({ model, messages: [{ role: 'user', content: STORY }] });
      const reads = new Promise<void>((resolve) => void stream.on('content', () => resolve()));
      return { leave: () => stream.abort(), left: thrownBy(stream.done()), reads };
    },
  },
  {
    name: '@anthropic-ai/sdk',
    ask: (model) => {
      const client = new Anthropic({ apiKey: gateway.key, baseURL: gateway.url, maxRetries: 0 });
      const stream = client.messages.stream({
        model,
        max_tokens: 500,
        messages: [{ role: 'user', content: STORY }],
      });
      const reads = new Promise<void>((resolve) => void stream.on('text', () => resolve()));
      return { leave: () => stream.abort(), left: thrownBy(stream.done()), reads };
    },
  },
];

const STORY = 'Tell me a long story, please.';
const chunk = (delta: JsonObject): string =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_780_000_000,
    model: 'gpt-4.1',
    choices: [{ index: 0, delta, finish_reason: null }],
  });
const START = chunk({ role: 'assistant', content: '' });
const WORDS = chunk({ content: 'Once upon a time there was a gateway' });

// Retried, because a busy machine can hold up this very process for longer.
describe.each(CLIENTS)('$name leaves', { retry: 2 }, ({ ask }) => {
  it('in the middle of an answer: what came is counted, priced and in the request log', async () => {
    const next = first.next();
    const asking = ask('two');
    const taken = await next;
    taken.begin([START, WORDS, WORDS]);
    await asking.reads;
    const event = await leave(asking, [taken.closedAtMs]);
    expect(event.attempts).toMatchObject([
      { outcome: { type: 'failed', kind: 'client_closed', committed: true } },
    ]);
    await expectBooked(event);
  });

  it('while it waits for a target to be tried again: nobody is called any more', async () => {
    const asked = first.next();
    const asking = ask('one');
    const taken = await asked;
    const before = ended.length;
    taken.refuse(503, { 'retry-after': '2' });
    // The wait begins when the attempt is over.
    await expect.poll(() => ended.length, POLL).toBe(before + 1);
    const event = await leave(asking, []);
    expect(event.attempts).toMatchObject([{ outcome: { kind: 'upstream_overloaded' } }]);
    expect(event.costNanodollars).toBe(0n);
  });

  it('while two targets are asked at once: both are left', async () => {
    const [one, two] = [first.next(), second.next()];
    const asking = ask('hedged');
    const taken = await Promise.all([one, two]);
    const event = await leave(
      asking,
      taken.map(({ closedAtMs }) => closedAtMs),
    );
    expect(event.attempts.map(({ purpose }) => purpose).toSorted()).toEqual(['first', 'hedge']);
    expect(event.attempts.map(({ outcome }) => outcome)).toMatchObject([
      { type: 'failed', kind: 'client_closed' },
      { type: 'failed', kind: 'client_closed' },
    ]);
  });

  it('behind a race: the loser is paid for what it may have done, the winner for what it said', async () => {
    const [one, two] = [first.next(), second.next()];
    const asking = ask('hedged');
    const [slow, quick] = await Promise.all([one, two]);
    slow.begin([START]);
    quick.begin([START, WORDS]);
    await asking.reads;
    const event = await leave(asking, [slow.closedAtMs, quick.closedAtMs]);
    expect(event.attempts.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'hedge_lost' },
      { kind: 'client_closed', committed: true },
    ]);
    await expectBooked(event);
  });

  it('while its answer goes on elsewhere: both halves are counted', async () => {
    const [one, two] = [first.next(), second.next()];
    const asking = ask('two');
    const broken = await one;
    broken.begin([START, WORDS]);
    await asking.reads;
    broken.breakOff();
    const going = await two;
    going.begin([START, WORDS, WORDS]);
    const event = await leave(asking, [going.closedAtMs]);
    expect(event.attempts).toMatchObject([
      { purpose: 'first', outcome: { type: 'failed', committed: true } },
      { purpose: 'resume', outcome: { kind: 'client_closed' } },
    ]);
    expect(event.attempts[0]?.usage?.output).toBeGreaterThan(0);
    await expectBooked(event);
  });
});

const POLL = { interval: 2 };

/** Leaves; gives the event of the request's end, which must come as soon as the providers were left. */
async function leave(asking: Asking, closings: readonly Promise<number>[]): Promise<RequestFinished> {
  const before = finished.length;
  const leftAtMs = performance.now();
  asking.leave();
  for (const closedAtMs of await Promise.all(closings))
    expect(closedAtMs - leftAtMs).toBeLessThan(LEFT_WITHIN_MS);
  await expect.poll(() => finished.length, POLL).toBe(before + 1);
  expect(performance.now() - leftAtMs).toBeLessThan(2 * LEFT_WITHIN_MS);
  expect(await asking.left).toBeInstanceOf(Error);
  expect(gateway.instance.gateway.inFlight).toBe(0);
  const event = finished.at(-1)!;
  expect(event).toMatchObject({ status: 499, error: { kind: 'client_closed' } });
  return event;
}

/** Checks that the request has its usage and a cost, in the event and in the row of the request log. */
async function expectBooked(event: RequestFinished): Promise<void> {
  expect(event.usage?.input).toBeGreaterThan(0);
  expect(event.usage?.output).toBeGreaterThan(0);
  expect(event.costNanodollars).toBeGreaterThan(0n);
  const { requests } = gateway.instance.stores;
  await expect.poll(() => requests.get(event.requestId), { interval: 50, timeout: 4000 }).not.toBeNull();
  const row = await requests.get(event.requestId);
  expect(row).toMatchObject({ status: 499, usage: event.usage, costNanodollars: event.costNanodollars });
  expect(row?.attempts).toHaveLength(event.attempts.length);
}

function thrownBy(done: Promise<unknown>): Promise<unknown> {
  return done.then(
    () => new TypeError('it ended'),
    (error: unknown) => error,
  );
}
