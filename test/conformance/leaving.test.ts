import { request } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client, Mode } from './clients/client.ts';
import { CLIENTS } from './clients/index.ts';
import { openGateway, PROVIDER_KEY, type RunningGateway } from './gateway.ts';
import { startSilentProvider, type SilentProvider } from './providers/silent-provider.ts';

/** How soon the provider must see that nobody waits any more. */
const LEFT_WITHIN_MS = 100;

let provider: SilentProvider;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startSilentProvider();
  gateway = await openGateway({
    providers: {
      silent: { kind: 'openai-compatible', base_url: `${provider.url}/v1`, key: PROVIDER_KEY },
    },
    models: { m: { targets: ['silent/model'] } },
  });
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});

const CHUNK = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_780_000_000,
  model: 'model',
  choices: [{ index: 0, delta: { role: 'assistant', content: 'Once' }, finish_reason: null }],
});

interface Case {
  readonly when: string;
  readonly mode: Mode;
  readonly events: readonly string[] | null;
}

const CASES: readonly Case[] = [
  { when: 'before the answer to a whole request', mode: 'whole', events: null },
  { when: 'before a stream has begun', mode: 'streamed', events: null },
  { when: 'between the head of a stream and its first content', mode: 'streamed', events: [] },
  { when: 'in the middle of a stream', mode: 'streamed', events: [CHUNK, CHUNK] },
];

// Retried, because a busy machine can hold up this very process for longer.
describe.each(CLIENTS)('$name leaves', { retry: 2 }, (client) => {
  it.each(CASES)('$when: the provider is left at once', async ({ mode, events }) => {
    expect(await leave(client, mode, events)).toBeLessThan(LEFT_WITHIN_MS);
    await expect.poll(() => gateway.instance.gateway.inFlight, { interval: 2 }).toBe(0);
  });
});

describe('a client whose connection breaks', { retry: 2 }, () => {
  it('leaves the provider at once', async () => {
    const asked = request(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    });
    asked.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }));
    const taken = await provider.next();
    taken.begin([CHUNK]);
    const [response] = await once(asked, 'response');
    await once(response, 'data');
    const leftAtMs = performance.now();
    asked.on('error', () => undefined);
    asked.destroy();
    expect((await taken.closedAtMs) - leftAtMs).toBeLessThan(LEFT_WITHIN_MS);
  });
});

/** Asks, leaves when the provider has said so much, and tells how long it took until the provider saw it. */
async function leave(client: Client, mode: Mode, events: readonly string[] | null): Promise<number> {
  const controller = new AbortController();
  const { url, key } = gateway;
  const conversation = client.converse({ url, key, model: 'm', mode, signal: controller.signal });
  const next = provider.next();
  const left = conversation.say('Tell me a story').catch((error: unknown) => error);
  const taken = await next;
  if (events !== null) {
    taken.begin(events);
    // One turn of the loop for each hop, so that what was said is under way.
    for (let hop = 0; hop < 4; hop += 1) await new Promise((resolve) => void setImmediate(resolve));
  }
  const leftAtMs = performance.now();
  controller.abort();
  const closedAtMs = await taken.closedAtMs;
  expect(await left).toBeInstanceOf(Error);
  return closedAtMs - leftAtMs;
}
