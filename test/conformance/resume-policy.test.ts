import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBreakingHouse, type BreakingHouse, type Pair } from './breaking-house.ts';
import { WIRES, type Wire } from './house.ts';

const HEADER = 'x-bellwether-resume';
const NUMBERS = Array.from({ length: 20 }, (_, i) => i + 1).join(', ');
const FORBIDDING = ['error', 'restart-only-if-nothing-sent'] as const;

const OTHER: { readonly [wire in Wire]: Wire } = {
  openai: 'anthropic',
  anthropic: 'gemini',
  gemini: 'openai',
};
const breaks = (first: Wire): Pair => ({ kind: 'plain', first, fault: 'cut:8', second: OTHER[first] });
const refuses = (first: Wire): Pair => ({ kind: 'plain', first, fault: '503', second: OTHER[first] });

let house: BreakingHouse;
beforeAll(async () => {
  house = await openBreakingHouse({ pairs: WIRES.flatMap((wire) => [breaks(wire), refuses(wire)]) });
});
afterAll(() => house.close());

/** Both APIs through their own libraries: text that came, and the error that ended it. */
interface Asked {
  readonly text: string;
  readonly error: unknown;
}
type Ask = (pair: Pair, policy: string, stream: boolean) => Promise<Asked>;

const ASKS: readonly {
  readonly name: string;
  readonly api: typeof OpenAI | typeof Anthropic;
  readonly ask: Ask;
}[] = [
  {
    name: 'openai',
    api: OpenAI,
    ask: async (pair, policy, stream) => {
      const client = new OpenAI({
        apiKey: house.key,
        baseURL: `${house.url}/v1`,
        maxRetries: 0,
        defaultHeaders: { [HEADER]: policy },
      });
      const request = {
        model: house.modelOf(pair),
        messages: [{ role: 'user' as const, content: 'Count to 20' }],
      };
      let text = '';
      try {
        if (!stream) {
          const { choices } = await client.chat.completions.create(request);
          return { text: choices[0]?.message.content ?? '', error: null };
        }
        for await (const { choices } of await client.chat.completions.create({ ...request, stream }))
          text += choices[0]?.delta.content ?? '';
        return { text, error: null };
      } catch (error) {
        return { text, error };
      }
    },
  },
  {
    name: '@anthropic-ai/sdk',
    api: Anthropic,
    ask: async (pair, policy, stream) => {
      const client = new Anthropic({
        apiKey: house.key,
        baseURL: house.url,
        maxRetries: 0,
        defaultHeaders: { [HEADER]: policy },
      });
      const request = {
        model: house.modelOf(pair),
        max_tokens: 500,
        messages: [{ role: 'user' as const, content: 'Count to 20' }],
      };
      let text = '';
      try {
        if (!stream) {
          const { content } = await client.messages.create(request);
          return {
            text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
            error: null,
          };
        }
        const events = client.messages.stream(request).on('text', (piece) => {
          text += piece;
        });
        await events.finalMessage();
        return { text, error: null };
      } catch (error) {
        return { text, error };
      }
    },
  },
];

describe.concurrent.each(ASKS)(`${HEADER} through $name`, ({ api, ask }) => {
  it.each(WIRES)('resume: nothing is lost, from %s', async (wire) => {
    expect(await ask(breaks(wire), 'resume', true)).toEqual({ text: NUMBERS, error: null });
  });

  describe.each(FORBIDDING)('%s', (policy) => {
    it.each(WIRES)('tells one error behind what was sent, from %s', async (wire) => {
      const { text, error } = await ask(breaks(wire), policy, true);
      expect(error).toBeInstanceOf(api.APIError);
      expect(error).not.toBeInstanceOf(api.APIConnectionError);
      // The answer had begun: no status, and its beginning is as it should be.
      expect(error).toMatchObject({ status: undefined });
      expect(text.length).toBeGreaterThan(0);
      expect(NUMBERS.startsWith(text) && text !== NUMBERS).toBe(true);
    });

    it.each(WIRES)('fails over where a provider refuses, from %s', async (wire) => {
      expect(await ask(refuses(wire), policy, true)).toEqual({ text: NUMBERS, error: null });
      expect(await ask(refuses(wire), policy, false)).toEqual({ text: NUMBERS, error: null });
    });
  });

  // Of an answer that is not streamed nothing is sent before its end.
  it.each(WIRES)('decides what becomes of a whole answer that broke off, from %s', async (wire) => {
    for (const policy of ['resume', 'restart-only-if-nothing-sent'])
      expect(await ask(breaks(wire), policy, false)).toEqual({ text: NUMBERS, error: null });
    const { error } = await ask(breaks(wire), 'error', false);
    expect(error).toBeInstanceOf(api.InternalServerError);
    expect(error).toMatchObject({ status: 502 });
  });

  it.each(['', 'Resume', 'restart', 'resume, error'])('is a 400 with the value "%s"', async (policy) => {
    for (const stream of [true, false]) {
      const { error } = await ask(breaks('openai'), policy, stream);
      expect(error).toBeInstanceOf(api.BadRequestError);
      expect(error).toMatchObject({ status: 400, message: expect.stringContaining(HEADER) });
      expect(error).toMatchObject({
        message: expect.stringContaining('resume, restart-only-if-nothing-sent, error'),
      });
    }
  });
});
