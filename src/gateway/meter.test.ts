import { describe, expect, it } from 'vitest';
import { UNKNOWN_USAGE, type Usage } from '../spec/usage.ts';
import { brokenOffUsage, knownCost, meteredUsage } from './meter.ts';
import { testRun } from './testing/run.ts';

const USAGE: Usage = { ...UNKNOWN_USAGE, input: 10, output: 20 };
const RATES = { input: 1_000_000, output: 2_000_000, cacheRead: 100_000 };
const PRICE = { rates: RATES, tiers: [], validFrom: '2026-01-01' };
const run = await testRun();
const estimate = run.inputTokensEstimate();

describe('the usage to book for an answer', () => {
  it.each<[string, Usage | null, number, Partial<Usage>]>([
    ['what the provider counted', USAGE, 4_000, USAGE],
    ['an estimate where it counted nothing', null, 41, { input: estimate, output: 11, source: 'estimated' }],
    ['its count of the input', { ...USAGE, output: null }, 8, { input: 10, output: 2, source: 'estimated' }],
    [
      'its count of the output',
      { ...USAGE, input: null },
      8,
      { input: estimate, output: 20, source: 'estimated' },
    ],
    ['a count of 0, which is known', { ...USAGE, output: 0 }, 8, { output: 0, source: 'reported' }],
    ['no output where none was seen', null, 0, { output: 0, source: 'estimated' }],
    ['the classes that it did count', { ...USAGE, output: null, cacheRead: 7 }, 0, { cacheRead: 7 }],
  ])('is %s', (_name, reported, outputChars, expected) => {
    expect(meteredUsage(run, reported, outputChars)).toMatchObject(expected);
  });
});

describe('the usage to book for an answer that broke off', () => {
  it.each<[string, Usage | null, number, number]>([
    ['the announcement of one token is old', { ...USAGE, output: 1 }, 400, 100],
    ['a larger count is newer than the estimate', { ...USAGE, output: 150 }, 400, 150],
    ['nothing was counted', null, 400, 100],
    ['only the name of a tool was seen', null, 0, 1],
  ])('is the larger of count and estimate: %s', (_name, usage, outputChars, output) => {
    expect(brokenOffUsage(run, { usage, outputChars })).toMatchObject({ output, source: 'estimated' });
  });
});

describe('what usage is known to cost', () => {
  it.each<[string, Usage, typeof PRICE | null, bigint | null]>([
    ['the sum of its classes', { ...USAGE, cacheRead: 10 }, PRICE, 51_000n],
    ['unknown without a price', USAGE, null, null],
    ['unknown where a class has no price', { ...USAGE, webSearches: 1 }, PRICE, null],
    ['unknown where the output was not counted', { ...USAGE, output: null }, PRICE, null],
    ['its upper bound where cached tokens are not told apart', { ...USAGE, cacheRead: null }, PRICE, 50_000n],
    ['nothing for nothing', { ...USAGE, input: 0, output: 0 }, PRICE, 0n],
  ])('is %s', (_name, usage, price, nanodollars) => {
    expect(knownCost(usage, price)).toBe(nanodollars);
  });
});
