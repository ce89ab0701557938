import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTimeSpan, timeSpanText } from './time-span.ts';

describe('spans of time', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['250ms', 250],
    ['15m', 900_000],
    ['15 min', 900_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['', null],
    ['h', null],
    ['-5s', null],
    ['5 weeks', null],
    ['1e3s', null],
  ])('reads %j as %s ms', (text, ms) => {
    expect(readTimeSpan(text)).toBe(ms);
  });

  it('are written in the largest units', () => {
    expect([0, 999, 45_000, 5_400_000, 43_200_000, 90_061_000].map(timeSpanText)).toEqual([
      '0s',
      '0s',
      '45s',
      '1h30m',
      '12h',
      '1d1h1m1s',
    ]);
  });

  it('are read as they were written, part by part', () => {
    fc.assert(
      fc.property(fc.nat(400_000), (seconds) => {
        const parts = timeSpanText(seconds * 1000).match(/\d+[dhms]/g) ?? [];
        const sum = parts.reduce((total, part) => total + (readTimeSpan(part) ?? Number.NaN), 0);
        expect(sum).toBe(seconds * 1000);
      }),
      { seed: 20261121 },
    );
  });
});
