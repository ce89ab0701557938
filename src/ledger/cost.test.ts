import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price, Rates } from '../catalog/price.ts';
import { UNKNOWN_USAGE, type Usage, USAGE_CLASSES, type UsageClass } from '../spec/usage.ts';
import { costOf } from './cost.ts';

const NOTHING: Usage = {
  input: 0,
  inputAudio: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  outputAudio: 0,
  reasoning: 0,
  webSearches: 0,
  source: 'reported',
};

/** Claude Sonnet 4.5 as its provider lists it. */
const SONNET: Price = {
  rates: {
    input: 3_000_000,
    cacheRead: 300_000,
    cacheWrite5m: 3_750_000,
    cacheWrite1h: 6_000_000,
    output: 15_000_000,
  },
  tiers: [],
  validFrom: '2026-08-19',
};

const TIERED: Price = {
  rates: { input: 1_250_000, cacheRead: 125_000, output: 10_000_000 },
  tiers: [{ aboveInputTokens: 200_000, rates: { input: 2_500_000, cacheRead: 250_000, output: 15_000_000 } }],
  validFrom: '2026-07-02',
};

describe('costOf', () => {
  it('sums every class at its own rate', () => {
    const cost = costOf(
      {
        ...NOTHING,
        input: 1000,
        cacheRead: 10_000,
        cacheWrite5m: 100,
        cacheWrite1h: 10,
        output: 500,
        reasoning: 50,
      },
      SONNET,
    );
    // 0.003 + 0.003 + 0.000375 + 0.00006 + 0.0075 + 0.00075 dollars
    expect(cost.nanodollars).toBe(14_685_000n);
    expect(cost.picodollars).toBe(14_685_000_000n);
    expect(cost.lines.map((line) => line.class)).toEqual([
      'input',
      'cacheRead',
      'cacheWrite5m',
      'cacheWrite1h',
      'output',
      'reasoning',
    ]);
    expect(cost.complete).toBe(true);
  });

  it('charges the whole request at the rates of the tier that its input reaches, cached tokens included', () => {
    const short = costOf({ ...NOTHING, input: 100_000, cacheRead: 100_000, output: 10 }, TIERED);
    const long = costOf({ ...NOTHING, input: 100_000, cacheRead: 100_001, output: 10 }, TIERED);
    expect(short.picodollars).toBe(100_000n * 1_250_000n + 100_000n * 125_000n + 10n * 10_000_000n);
    expect(long.picodollars).toBe(100_000n * 2_500_000n + 100_001n * 250_000n + 10n * 15_000_000n);
  });

  it('rounds once, at the end, and a half to even', () => {
    const price: Price = {
      rates: { input: 250, output: 250, cacheRead: 1000 },
      tiers: [],
      validFrom: '2026-01-01',
    };
    expect(costOf({ ...NOTHING, input: 1, output: 1 }, price).nanodollars).toBe(0n);
    expect(costOf({ ...NOTHING, input: 1, output: 1, cacheRead: 1 }, price).nanodollars).toBe(2n);
  });

  it('names tokens that have no price and leaves them out of the sum', () => {
    const cost = costOf({ ...NOTHING, input: 10, inputAudio: 5, webSearches: 1 }, SONNET);
    expect(cost.unpriced).toEqual(['inputAudio', 'webSearches']);
    expect(cost.complete).toBe(false);
    expect(cost.picodollars).toBe(30_000_000n);
  });

  it('does not call a cost complete where the provider counted nothing', () => {
    const cost = costOf(UNKNOWN_USAGE, SONNET);
    expect(cost.nanodollars).toBe(0n);
    expect(cost.uncounted).toEqual(['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output']);
    expect(cost.complete).toBe(false);
  });

  const uncounted: readonly (readonly [
    text: string,
    usage: Partial<Usage>,
    classes: readonly UsageClass[],
  ])[] = [
    ['reasoning that costs the same as the output it hides in', { output: 5, reasoning: null }, []],
    ['audio that has no rate of its own', { input: 5, inputAudio: null }, []],
    ['cached tokens that would have been cheaper', { input: 5, cacheRead: null }, ['cacheRead']],
    ['cached tokens where there was no other input', { input: 0, cacheRead: null }, []],
    ['searches at a model that does not bill them', { input: 5, webSearches: null }, []],
    ['output', { input: 5, output: null }, ['output']],
  ];
  it.each(uncounted)('judges an unknown count of %s', (_, usage, classes) => {
    expect(costOf({ ...NOTHING, ...usage }, SONNET).uncounted).toEqual(classes);
  });

  it('charges nothing, completely, for a free model', () => {
    const free: Price = { rates: { input: 0, output: 0 }, tiers: [], validFrom: '2026-01-01' };
    const cost = costOf({ ...NOTHING, input: 10, output: 5, reasoning: 3 }, free);
    expect(cost.nanodollars).toBe(0n);
    expect(cost.complete).toBe(true);
    expect(costOf({ ...NOTHING, input: null, output: null }, free).complete).toBe(true);
  });

  it('refuses counts that are no integers, which only a broken codec makes', () => {
    expect(() => costOf({ ...NOTHING, input: 1.5 }, SONNET)).toThrow('not an integer');
  });
});

const tokens = fc.integer({ min: 0, max: 2_000_000 });
const knownUsage = classesOf(tokens).map((counts): Usage => ({ ...NOTHING, ...counts }));
const usages = classesOf(fc.option(tokens)).map((counts): Usage => ({ ...NOTHING, ...counts }));
const rates: fc.Arbitrary<Rates> = fc.record(
  Object.fromEntries(USAGE_CLASSES.map((name) => [name, fc.integer({ min: 0, max: 200_000_000 })])),
  { requiredKeys: [] },
);
const prices = fc.record({
  rates,
  tiers: fc.array(fc.record({ aboveInputTokens: fc.integer({ min: 1, max: 1_000_000 }), rates }), {
    maxLength: 2,
  }),
  validFrom: fc.constant('2026-01-01'),
});
const flatPrices = rates.map((flat): Price => ({ rates: flat, tiers: [], validFrom: '2026-01-01' }));

describe('costOf, for any usage and price,', () => {
  it('equals a slow sum of fractions', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        expect(costOf(usage, price).nanodollars).toBe(slowNanodollars(usage, price));
      }),
    );
  });

  it('is the exact sum of its lines', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const cost = costOf(usage, price);
        let total = 0n;
        for (const line of cost.lines) {
          expect(line.picodollars).toBe(BigInt(line.tokens) * BigInt(line.picodollarsPerToken));
          total += line.picodollars;
        }
        expect(cost.picodollars).toBe(total);
        expect(cost.complete).toBe(cost.unpriced.length === 0 && cost.uncounted.length === 0);
      }),
    );
  });

  it('never falls when a class has more tokens, at one set of rates', () => {
    fc.assert(
      fc.property(
        knownUsage,
        flatPrices,
        fc.constantFrom(...USAGE_CLASSES),
        tokens,
        (usage, price, name, more) => {
          const larger = { ...usage, [name]: (usage[name] ?? 0) + more };
          expect(costOf(larger, price).nanodollars >= costOf(usage, price).nanodollars).toBe(true);
        },
      ),
    );
  });

  it('of two calls together is the sum of their exact costs', () => {
    fc.assert(
      fc.property(knownUsage, knownUsage, flatPrices, (first, second, price) => {
        const both = { ...NOTHING };
        const sums = USAGE_CLASSES.map((name) => [name, (first[name] ?? 0) + (second[name] ?? 0)]);
        Object.assign(both, Object.fromEntries(sums));
        expect(costOf(both, price).picodollars).toBe(
          costOf(first, price).picodollars + costOf(second, price).picodollars,
        );
      }),
    );
  });
});

function classesOf<Count>(count: fc.Arbitrary<Count>): fc.Arbitrary<Record<UsageClass, Count>> {
  return fc.record({
    input: count,
    inputAudio: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite1h: count,
    output: count,
    outputAudio: count,
    reasoning: count,
    webSearches: count,
  });
}

// Rounds by comparing twice the rest with the whole; shares no code with what it checks.
function slowNanodollars(usage: Usage, price: Price): bigint {
  const inputs = [usage.input, usage.inputAudio, usage.cacheRead, usage.cacheWrite5m, usage.cacheWrite1h];
  const input = inputs.reduce((sum: number, count) => sum + (count ?? 0), 0);
  const reached = price.tiers.filter((tier) => input > tier.aboveInputTokens);
  const inForce = reached.at(-1)?.rates ?? price.rates;
  let pico = 0n;
  for (const name of USAGE_CLASSES) {
    const rate = name === 'reasoning' ? (inForce.reasoning ?? inForce.output ?? 0) : (inForce[name] ?? 0);
    pico += BigInt(usage[name] ?? 0) * BigInt(rate);
  }
  const below = pico / 1000n;
  const twiceRest = 2n * (pico - below * 1000n);
  if (twiceRest < 1000n) return below;
  if (twiceRest > 1000n) return below + 1n;
  return below + (below % 2n);
}
