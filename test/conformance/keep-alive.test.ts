import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBreakingHouse, type BreakingHouse, type Pair } from './breaking-house.ts';
import type { Answer, Client } from './clients/client.ts';
import { CLIENTS } from './clients/index.ts';
import { WIRES, type Wire } from './house.ts';

/** Several comments come before the first token and between tokens. */
const KEEP_ALIVE_MS = 20;
const PACE = { firstTokenMs: 150, tokensPerSecond: 20, jitter: 0 };
const NUMBERS = '1, 2, 3, 4, 5';

/** What another wire the second target speaks, so that a stream is translated after it was opened. */
const OTHER: { readonly [wire in Wire]: Wire } = {
  openai: 'anthropic',
  anthropic: 'gemini',
  gemini: 'openai',
};

const slow = (first: Wire): Pair => ({ kind: 'plain', first, fault: null, second: null });
const hangs = (first: Wire): Pair => ({ kind: 'plain', first, fault: 'hang', second: null });
const rescued = (first: Wire): Pair => ({ kind: 'plain', first, fault: 'hang', second: OTHER[first] });
const breaks = (first: Wire): Pair => ({ kind: 'plain', first, fault: 'cut:4', second: OTHER[first] });

const PAIRS = WIRES.flatMap((wire) => [slow(wire), hangs(wire), rescued(wire), breaks(wire)]);

let house: BreakingHouse;
beforeAll(async () => {
  house = await openBreakingHouse({
    pairs: PAIRS,
    pace: PACE,
    sections: {
      timeouts: { first_byte_ms: 600, first_token_ms: 600, idle_ms: 600 },
      failover: { client_keep_alive_ms: KEEP_ALIVE_MS },
    },
  });
  beginAll();
});
afterAll(() => house.close());

const SURFACES = [
  { wire: 'openai', path: '/v1/chat/completions' },
  { wire: 'anthropic', path: '/v1/messages' },
] as const;

describe.concurrent.each(SURFACES)('the stream itself, at $path', ({ path }) => {
  it.concurrent.each(WIRES)('holds comments while there is nothing to tell, from %s', async (wire) => {
    const { status, raw } = await rawStream(path, slow(wire));
    expect(status).toBe(200);
    // Before anybody answered, and again between tokens.
    const [before = '', ...after] = raw.split(/^(?:event|data):/m);
    expect(before.split(': waiting\n\n').length).toBeGreaterThan(3);
    expect(after.join('')).toContain(': waiting\n\n');
    expect(raw).not.toContain('error');
  });

  it.concurrent.each(WIRES)('says where it goes on when it broke off, from %s', async (wire) => {
    const { raw } = await rawStream(path, breaks(wire));
    expect(raw).toMatch(/^: goes on at \S+ \((?:prefill|restart|continue)\)$/m);
    expect(raw).not.toContain('"error"');
  });
});

describe.each(CLIENTS)('$name', (client) => {
  it.each(WIRES)('reads a slow stream past all comments, from %s', async (wire) => {
    const answer = await begun(client, slow(wire));
    expect(answer).toMatchObject({ text: NUMBERS, finish: 'stop', calls: [] });
    expect(answer.outputTokens).toBeGreaterThan(0);
  });

  it.each(WIRES)('reads on where a stream changed its provider, from %s', async (wire) => {
    expect(await begun(client, breaks(wire))).toMatchObject({ text: NUMBERS, finish: 'stop' });
  });

  it.each(WIRES)('reads what a second provider says in a stream opened before, from %s', async (wire) => {
    expect(await begun(client, rescued(wire))).toMatchObject({ text: NUMBERS, finish: 'stop' });
  });

  it.each(WIRES)(
    'throws its own error where the stream was opened before it failed, from %s',
    async (wire) => {
      const failure = client.failure(await thrown(begun(client, hangs(wire))));
      expect(failure.message).toContain('upstream_timeout');
      // The client has had its 200 already, so most know no status. Two look at the first event before they give out a stream.
      const looksFirst = ['ai + @ai-sdk/openai', 'ai + @ai-sdk/anthropic'].includes(client.name);
      expect(failure, failure.message).toMatchObject(
        looksFirst
          ? { className: 'APICallError', status: client.wire === 'openai' ? 504 : failure.status }
          : {
              status: undefined,
              className: client.name.startsWith('ai +') ? 'StreamProviderError' : 'APIError',
              type: client.wire === 'openai' ? 'server_error' : 'timeout_error',
            },
      );
    },
  );
});

/** The streams of all clients, begun together: nearly all of their time is waiting. */
const streams = new Map<string, Promise<Answer>>();

function beginAll(): void {
  for (const client of CLIENTS) {
    for (const pair of PAIRS) {
      const answer = count(client, pair);
      // Whoever looks at it hears of it.
      answer.catch(() => undefined);
      streams.set(`${client.name} ${house.modelOf(pair)}`, answer);
    }
  }
}

function begun(client: Client, pair: Pair): Promise<Answer> {
  return streams.get(`${client.name} ${house.modelOf(pair)}`) ?? Promise.reject(new Error('was not begun'));
}

function thrown(answer: Promise<Answer>): Promise<unknown> {
  return answer.then(
    (came) => expect.fail(`no error but the answer: ${JSON.stringify(came)}`),
    (error: unknown) => error,
  );
}

function count(client: Client, pair: Pair): Promise<Answer> {
  const { url, key } = house;
  return client.converse({ url, key, model: house.modelOf(pair), mode: 'streamed' }).say('Count to 5');
}

async function rawStream(path: string, pair: Pair): Promise<{ status: number; raw: string }> {
  const response = await fetch(house.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${house.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: house.modelOf(pair),
      stream: true,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Count to 5' }],
    }),
  });
  return { status: response.status, raw: await response.text() };
}
