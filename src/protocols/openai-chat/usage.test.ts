import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputTotal, outputTotal, type Usage } from '../../spec/usage.ts';
import { SEED, usage } from '../testing/arbitraries.ts';
import { decodeUsage, encodeUsage, usageIn } from './usage.ts';

describe('decodeUsage', () => {
  it.each<readonly [name: string, wire: object, outside: boolean, expected: Partial<Usage>]>([
    [
      'OpenAI',
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 5 },
      },
      false,
      { input: 40, cacheRead: 60, inputAudio: null, output: 25, outputAudio: 5, reasoning: 20 },
    ],
    [
      'DeepSeek',
      {
        prompt_tokens: 187,
        completion_tokens: 26,
        total_tokens: 213,
        prompt_cache_hit_tokens: 128,
        prompt_cache_miss_tokens: 59,
      },
      false,
      { input: 59, cacheRead: 128, output: 26, reasoning: null },
    ],
    [
      'xAI, by its total',
      {
        prompt_tokens: 49,
        completion_tokens: 32,
        total_tokens: 264,
        prompt_tokens_details: { cached_tokens: 7 },
        completion_tokens_details: { reasoning_tokens: 183 },
      },
      true,
      { input: 42, cacheRead: 7, output: 32, reasoning: 183 },
    ],
    [
      'xAI, by its habit',
      { prompt_tokens: 49, completion_tokens: 32, completion_tokens_details: { reasoning_tokens: 183 } },
      true,
      { output: 32, reasoning: 183 },
    ],
    [
      "Google's endpoint, which hides thoughts",
      { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 },
      false,
      { input: 35, output: 12, reasoning: 62 },
    ],
    [
      'Vercel, whose reasoning exceeds the completion',
      {
        prompt_tokens: 5,
        completion_tokens: 10,
        total_tokens: 15,
        completion_tokens_details: { reasoning_tokens: 30 },
      },
      false,
      { output: 0, reasoning: 10 },
    ],
    [
      'Moonshot',
      { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50, cached_tokens: 10 },
      false,
      { input: 10, cacheRead: 10 },
    ],
    [
      'Mistral',
      { prompt_tokens: 94, completion_tokens: 33, total_tokens: 127, num_cached_tokens: 48 },
      false,
      { input: 46, cacheRead: 48 },
    ],
    [
      'OpenRouter',
      {
        prompt_tokens: 10,
        completion_tokens: 1,
        total_tokens: 11,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
        server_tool_use_details: { web_search_requests: 2 },
      },
      false,
      { input: 3, cacheRead: 4, cacheWrite5m: 3, webSearches: 2 },
    ],
    [
      'nonsense',
      { prompt_tokens: -3, completion_tokens: 1.7, prompt_tokens_details: { cached_tokens: 'many' } },
      false,
      { input: null, cacheRead: null, output: 1 },
    ],
  ])('reads %s', (_, wire, outside, expected) => {
    expect(decodeUsage(wire as never, outside)).toMatchObject(expected);
  });

  it('is null where nothing is told', () => {
    expect([null, {}, { prompt_tokens: null }, 7].map((wire) => decodeUsage(wire, false))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('never counts more parts than the whole', () => {
    const count = fc.nat(1000);
    const wire = fc.record({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: fc.record({
        cached_tokens: count,
        cache_write_tokens: count,
        audio_tokens: count,
      }),
      completion_tokens_details: fc.record({ reasoning_tokens: count, audio_tokens: count }),
    });
    fc.assert(
      fc.property(wire, (given) => {
        const read = decodeUsage(given, false)!;
        expect(inputTotal(read)).toBe(given.prompt_tokens);
        expect(outputTotal(read)! >= given.completion_tokens).toBe(true);
      }),
      { seed: SEED },
    );
  });

  it('reads back what encodeUsage writes', () => {
    fc.assert(
      fc.property(usage, (given) => {
        const wire = encodeUsage(given)!;
        expect(wire['total_tokens']).toBe(inputTotal(given)! + outputTotal(given)!);
        expect(decodeUsage(wire, false)).toEqual(given);
      }),
      { seed: SEED },
    );
  });
});

describe('usageIn', () => {
  it.each([
    { usage: { prompt_tokens: 1 } },
    { usage: null, x_groq: { usage: { prompt_tokens: 1 } } },
    { choices: [{ usage: { prompt_tokens: 1 } }] },
  ])('finds the counters in %j', (chunk) => {
    expect(usageIn(chunk)).toEqual({ prompt_tokens: 1 });
  });
});
