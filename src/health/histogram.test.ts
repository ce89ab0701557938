import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogHistogram } from './histogram.ts';

describe('the histogram', () => {
  it('knows any quantile of any values to within 4.5 %', () => {
    const values = fc.array(fc.double({ min: 1, max: 600_000, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (list, share) => {
        const histogram = new LogHistogram(1);
        for (const value of list) histogram.add(value);
        const sorted = [...list].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
        expect(histogram.quantile(share) / exact).toBeGreaterThan(1 / 1.045);
        expect(histogram.quantile(share) / exact).toBeLessThan(1.045);
      }),
    );
  });

  it('counts what lies outside at the ends, and what is no number as the smallest', () => {
    const histogram = new LogHistogram(1);
    for (const value of [0, -5, NaN, 0.2]) histogram.add(value);
    expect(histogram.quantile(1)).toBeLessThan(1.1);
    histogram.add(Infinity);
    expect(histogram.quantile(1)).toBeGreaterThan(1_000_000);
    expect(histogram.weight).toBe(5);
  });

  it('lets old values lose their weight', () => {
    const histogram = new LogHistogram(1);
    for (let n = 0; n < 100; n += 1) histogram.add(10);
    histogram.halve();
    histogram.halve();
    expect(histogram.weight).toBe(25);
    for (let n = 0; n < 26; n += 1) histogram.add(1_000);
    expect(histogram.quantile(0.5)).toBeGreaterThan(900);
  });

  it('knows nothing while it is empty', () => {
    expect(new LogHistogram(1).quantile(0.5)).toBe(0);
  });
});
