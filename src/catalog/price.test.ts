import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Price, rateFromUsdPerMillion, rateOf, ratesFor, replaceRates } from './price.ts';

const price: Price = {
  rates: { input: 10, output: 20 },
  tiers: [
    { aboveInputTokens: 200_000, rates: { input: 20, output: 30 } },
    { aboveInputTokens: 500_000, rates: { input: 40, output: 60 } },
  ],
  validFrom: '2026-07-02',
};

describe('ratesFor', () => {
  const rows: readonly (readonly [inputTokens: number | null, inputRate: number])[] = [
    [null, 10],
    [0, 10],
    [200_000, 10],
    [200_001, 20],
    [500_000, 20],
    [500_001, 40],
  ];
  it.each(rows)('charges an input of %s tokens at %i', (inputTokens, inputRate) => {
    expect(ratesFor(price, inputTokens).input).toBe(inputRate);
  });
});

describe('rateOf', () => {
  it('charges reasoning like output unless it has a rate of its own', () => {
    expect(rateOf({ output: 20 }, 'reasoning')).toBe(20);
    expect(rateOf({ output: 20, reasoning: 5 }, 'reasoning')).toBe(5);
    expect(rateOf({ input: 10 }, 'reasoning')).toBeNull();
  });

  it('keeps an unknown rate apart from a rate of zero', () => {
    expect(rateOf({ input: 10 }, 'inputAudio')).toBeNull();
    expect(rateOf({ inputAudio: 0 }, 'inputAudio')).toBe(0);
  });
});

describe('replaceRates', () => {
  it('keeps what is not replaced', () => {
    expect(replaceRates({ input: 1, cacheRead: 2 }, { input: 3 })).toEqual({ input: 3, cacheRead: 2 });
  });

  it('lets a new output rate replace the reasoning rate that belonged to the old one', () => {
    expect(replaceRates({ output: 1, reasoning: 1 }, { output: 3 })).toEqual({ output: 3 });
    expect(replaceRates({ output: 1, reasoning: 1 }, { output: 3, reasoning: 4 })).toEqual({
      output: 3,
      reasoning: 4,
    });
  });
});

describe('rateFromUsdPerMillion', () => {
  it('is exact for every price of up to six decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (rate) => {
        const digits = String(rate).padStart(7, '0');
        const usd = Number(`${digits.slice(0, -6)}.${digits.slice(-6)}`);
        expect(rateFromUsdPerMillion(usd)).toBe(rate);
      }),
    );
  });

  it.each([-1, 0.000_000_1, Number.NaN, Infinity, 1_000_001])('refuses %d', (usd) => {
    expect(rateFromUsdPerMillion(usd)).toBeNull();
  });
});
