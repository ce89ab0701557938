import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ceilingOf, ceilingsOfSize, downTimes } from './ceiling.ts';
import type { Incident } from './incident.ts';
import { intersection, merged, totalMs, type Interval } from './intervals.ts';
import { parsePeriod, periodText } from './period.ts';

const LENGTH = 60;
const interval = fc
  .tuple(fc.nat(LENGTH - 1), fc.nat(LENGTH))
  .map(([startMs, length]): Interval => ({ startMs, endMs: Math.min(LENGTH, startMs + length) }));
const list = fc.array(interval, { maxLength: 8 });

/** The same by looking at every millisecond. */
function members(intervals: readonly Interval[]): readonly boolean[] {
  return Array.from({ length: LENGTH }, (_, ms) =>
    intervals.some(({ startMs, endMs }) => startMs <= ms && ms < endMs),
  );
}

function incident(service: string, { startMs, endMs }: Interval): Incident {
  return { service, startMs, endMs, id: '', impact: 'minor', scope: 'other', announced: true };
}

describe('stretches of time', () => {
  it('are merged and cut as their moments are', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const [left, right] = [merged(a), merged(b)];
        expect(members(left)).toEqual(members(a));
        expect(totalMs(left)).toBe(members(a).filter(Boolean).length);
        const both = intersection(left, right);
        expect(members(both)).toEqual(members(a).map((inA, ms) => inA && (members(b)[ms] ?? false)));
        expect(merged(both)).toEqual(both);
      }),
    );
  });
});

describe('the ceiling', () => {
  const period = { startMs: 0, endMs: LENGTH };

  it('loses exactly the moments in which all are down', () => {
    fc.assert(
      fc.property(list, list, list, (a, b, c) => {
        const services = { a, b, c };
        const incidents = Object.entries(services).flatMap(([name, own]) =>
          own.map((each) => incident(name, each)),
        );
        const down = downTimes(incidents, Object.keys(services), period);
        const all = members(a).filter((inA, ms) => inA && members(b)[ms] === true && members(c)[ms] === true);
        expect(ceilingOf(down, ['a', 'b', 'c']).allDownMs).toBe(all.length);
      }),
    );
  });

  it('compares with independent outages, and puts the best set first', () => {
    const incidents = [
      incident('a', { startMs: 0, endMs: 30 }),
      incident('b', { startMs: 0, endMs: 30 }),
      incident('c', { startMs: 30, endMs: 60 }),
    ];
    const down = downTimes(incidents, ['a', 'b', 'c'], period);
    expect(ceilingOf(down, ['a', 'b'])).toMatchObject({ availability: 0.5, independent: 0.75, windows: 1 });
    expect(ceilingsOfSize(down, 2).map(({ services }) => services.join(''))).toEqual(['ac', 'bc', 'ab']);
    expect(() => ceilingOf(down, ['d'])).toThrow('nothing is known about the service d');
  });

  it('leaves out notices without impact', () => {
    const notice: Incident = { ...incident('a', period), impact: 'none' };
    expect(ceilingOf(downTimes([notice], ['a'], period), ['a']).availability).toBe(1);
  });
});

describe('a period', () => {
  it.each([
    ['2024-02', '2024-02-01 to 2024-02-29'],
    ['2023-07..2024-02', '2023-07-01 to 2024-02-29'],
    ['2023-07-11..2023-07-11', '2023-07-11 to 2023-07-11'],
  ])('%s is %s', (text, days) => {
    expect(periodText(parsePeriod(text))).toBe(days);
  });

  it.each(['', '2024', '2024-13', '2024-02-30', '2024-02..', '2024-02..2024-03..2024-04', 'now'])(
    '"%s" is none',
    (text) => {
      expect(() => parsePeriod(text)).toThrow('is not understood');
    },
  );

  it('does not end before it begins', () => {
    expect(() => parsePeriod('2024-02..2024-01')).toThrow('ends before it begins');
  });
});
