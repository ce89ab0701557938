import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { inputTotal, outputTotal } from '../../spec/usage.ts';
import { SEED, usage } from '../testing/arbitraries.ts';
import { decodeUsage, encodeUsage, mergeCounters } from './usage.ts';

describe('usage', () => {
  it.each<[string, JsonObject, Partial<ReturnType<typeof decodeUsage>>]>([
    ['what nobody counted unknown', {}, { input: null, cacheRead: null, cacheWrite5m: null, output: null }],
    [
      'cached tokens beside the input',
      { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 7, output_tokens: 2 },
      { input: 5, cacheRead: 100, cacheWrite5m: 7, cacheWrite1h: null, output: 2, reasoning: null },
    ],
    [
      'writes by their lifetime',
      {
        cache_creation_input_tokens: 10,
        cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 },
      },
      { cacheWrite5m: 4, cacheWrite1h: 6 },
    ],
    [
      'thinking apart from the output that includes it',
      { output_tokens: 50, output_tokens_details: { thinking_tokens: 40 } },
      { output: 10, reasoning: 40 },
    ],
    ['searches', { server_tool_use: { web_search_requests: 3 } }, { webSearches: 3 }],
    [
      'compaction that the totals leave out',
      {
        input_tokens: 682,
        output_tokens: 1320,
        iterations: [
          { type: 'compaction', input_tokens: 60_385, output_tokens: 592 },
          { type: 'message', input_tokens: 682, output_tokens: 1320 },
        ],
      },
      { input: 61_067, output: 1912 },
    ],
  ])('keeps %s', (_, wire, expected) => {
    expect(decodeUsage(wire)).toMatchObject(expected);
  });

  it('comes back from its own counters with the same totals', () => {
    fc.assert(
      fc.property(usage, (given) => {
        const wire = encodeUsage(given, { inputTokensEstimate: 0, outputChars: 0 });
        expect(decodeUsage(wire)).toEqual(given);
        expect(wire['output_tokens']).toBe(outputTotal(given));
        expect(inputTotal(decodeUsage(wire))).toBe(inputTotal(given));
      }),
      { seed: SEED },
    );
  });

  it('lets a later counter replace an earlier one, and a null none', () => {
    const merged = mergeCounters(
      { input_tokens: 9, output_tokens: 1 },
      { input_tokens: null, output_tokens: 5 },
    );
    expect(merged).toEqual({ input_tokens: 9, output_tokens: 5 });
  });
});
