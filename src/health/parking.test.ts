import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_KINDS, ruleOf, type ErrorKind } from '../spec/error.ts';
import {
  isParking,
  isTold,
  parkedAfterSuccess,
  parkedBy,
  parkedUntil,
  TOLD_MAX_MS,
  type Parked,
  type ParkingKind,
} from './parking.ts';

const START_MS = 1_000_000;

/** One failure after the other, each as soon as the one before is over. */
function guesses(kind: ParkingKind, times: number): number[] {
  let parked: Parked | null = null;
  let atMs = START_MS;
  const lengths: number[] = [];
  for (let n = 0; n < times; n += 1) {
    parked = parkedBy(parked, { kind, retryAfterMs: null, begunMs: atMs, atMs });
    lengths.push((parkedUntil(parked) - atMs) / 1000);
    atMs = parkedUntil(parked);
  }
  return lengths;
}

describe('parking', () => {
  it('knows a time for every kind that parks, and for no other', () => {
    const kinds = Object.keys(ERROR_KINDS) as ErrorKind[];
    for (const kind of kinds)
      expect([kind, isParking(kind)]).toEqual([kind, ruleOf(kind).parks !== 'nothing']);
  });

  it.each<{ kind: ParkingKind; seconds: number[] }>([
    { kind: 'upstream_rate_limited', seconds: [1, 2, 4, 8, 16, 32, 60, 60] },
    { kind: 'upstream_quota_exhausted', seconds: [600, 1200, 2400, 3600, 3600] },
    { kind: 'upstream_misconfigured', seconds: [300, 600, 1200, 2400, 3600, 3600] },
    { kind: 'upstream_model_missing', seconds: [300, 600, 1200, 2400, 3600, 3600] },
  ])('guesses $kind at $seconds seconds', ({ kind, seconds }) => {
    expect(guesses(kind, seconds.length)).toEqual(seconds);
  });

  it('keeps to what was told, up to a day, and takes 0 for nothing', () => {
    const told = (retryAfterMs: number): Parked =>
      parkedBy(null, { kind: 'upstream_rate_limited', retryAfterMs, begunMs: START_MS, atMs: START_MS });
    expect(parkedUntil(told(17))).toBe(START_MS + 17);
    expect(isTold(told(17))).toBe(true);
    expect(parkedUntil(told(1e12))).toBe(START_MS + TOLD_MAX_MS);
    expect(parkedUntil(told(0))).toBe(START_MS + 1_000);
    expect(isTold(told(0))).toBe(false);
  });

  it('does not guess while it was told', () => {
    const kind = 'upstream_quota_exhausted';
    const told = parkedBy(null, { kind, retryAfterMs: 30_000, begunMs: START_MS, atMs: START_MS });
    const again = parkedBy(told, { kind, retryAfterMs: null, begunMs: START_MS + 1, atMs: START_MS + 2 });
    expect(parkedUntil(again)).toBe(START_MS + 30_000);
    expect(isTold(again)).toBe(true);
  });

  it('takes fifty calls that were under way for one rate limit', () => {
    let parked: Parked | null = null;
    for (let n = 0; n < 50; n += 1)
      parked = parkedBy(parked, {
        kind: 'upstream_rate_limited',
        retryAfterMs: null,
        begunMs: START_MS - 1,
        atMs: START_MS + n,
      });
    expect(parked).toMatchObject({ inARow: 1, guessUntilMs: START_MS + 1_000 });
  });

  it('forgets a guess after a success of a call begun since, and only then', () => {
    const parked = parkedBy(null, {
      kind: 'upstream_quota_exhausted',
      retryAfterMs: null,
      begunMs: START_MS,
      atMs: START_MS,
    });
    expect(parkedAfterSuccess(parked, START_MS - 1, START_MS + 5)).toBe(parked);
    expect(parkedAfterSuccess(parked, START_MS + 1, START_MS + 5)).toBeNull();
  });

  it('is never over before any time that was told, whatever else happens', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 30_000 }),
      beganBeforeMs: fc.integer({ min: 0, max: 60_000 }),
      kind: fc.constantFrom<ParkingKind>('upstream_quota_exhausted', 'upstream_misconfigured'),
      retryAfterMs: fc.option(fc.integer({ min: -1, max: 2 * TOLD_MAX_MS })),
      success: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let parked: Parked | null = null;
        let atMs = START_MS;
        let toldUntilMs = 0;
        for (const { afterMs, beganBeforeMs, kind, retryAfterMs, success } of steps) {
          atMs += afterMs;
          const begunMs = atMs - beganBeforeMs;
          if (success) parked = parkedAfterSuccess(parked, begunMs, atMs);
          else {
            parked = parkedBy(parked, { kind, retryAfterMs, begunMs, atMs });
            if (retryAfterMs !== null && retryAfterMs > 0)
              toldUntilMs = Math.max(toldUntilMs, atMs + Math.min(retryAfterMs, TOLD_MAX_MS));
          }
          const leastMs = Math.max(success ? 0 : atMs + 1, toldUntilMs > atMs ? toldUntilMs : 0);
          expect(parkedUntil(parked)).toBeGreaterThanOrEqual(leastMs);
          expect(parkedUntil(parked)).toBeLessThanOrEqual(atMs + TOLD_MAX_MS);
        }
      }),
    );
  });

  it('is over exactly when it was told, where all was told', () => {
    const told = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 30_000 }),
        retryAfterMs: fc.integer({ min: 1, max: 100_000 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(told, (list) => {
        let parked: Parked | null = null;
        let atMs = START_MS;
        let expected = 0;
        for (const { afterMs, retryAfterMs } of list) {
          atMs += afterMs;
          parked = parkedBy(parked, { kind: 'upstream_rate_limited', retryAfterMs, begunMs: atMs, atMs });
          expected = Math.max(expected, atMs + retryAfterMs);
          expect(parkedUntil(parked)).toBe(expected);
        }
      }),
    );
  });
});
