import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAttempt, sampleFailure } from '../events/testing/sample-events.ts';
import { addedLatency } from './added-latency.ts';
import { LatencyTally } from './latency-tally.ts';

describe('the tally of delays', () => {
  it('gives quantiles that are never too small, and too large by 5 % at most', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(600_000), { minLength: 1, maxLength: 300 }), (delays) => {
        const tally = new LatencyTally();
        for (const ms of delays) tally.add(ms);
        const sorted = delays.toSorted((a, b) => a - b);
        const summary = tally.summary()!;
        expect(summary.max).toBe(sorted.at(-1));
        for (const [share, told] of [
          [0.5, summary.p50],
          [0.99, summary.p99],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
          expect(told).toBeGreaterThanOrEqual(exact - 0.05);
          expect(told).toBeLessThanOrEqual(exact * 1.05 + 1);
        }
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });

  it('has nothing to say of nothing, and takes a clock that was set back for no delay', () => {
    const tally = new LatencyTally();
    expect(tally.summary()).toBeNull();
    tally.add(-5);
    expect(tally.summary()).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});

describe('added latency', () => {
  const broken = (startedAtMs: number, durationMs: number) =>
    sampleFailure({
      startedAtMs,
      durationMs,
      outcome: {
        type: 'failed',
        kind: 'upstream_broken_off',
        message: '',
        status: 200,
        retryAfterMs: null,
        committed: true,
      },
    });

  it.each([
    ['nothing was tried', [], 0],
    ['the first call answered', [sampleAttempt({ startedAtMs: 1_000 })], 0],
    ['no call answered', [sampleFailure({ startedAtMs: 1_000 })], 0],
    ['the second did', [sampleFailure({ startedAtMs: 1_000 }), sampleAttempt({ startedAtMs: 1_040 })], 40],
    [
      'the log is in the order in which calls ended',
      [sampleAttempt({ startedAtMs: 1_200 }), sampleFailure({ startedAtMs: 1_000 })],
      200,
    ],
    [
      'a stream broke after two seconds and went on half a second later',
      [broken(1_000, 2_000), sampleAttempt({ startedAtMs: 3_100, firstTokenMs: 400 })],
      500,
    ],
    [
      'it broke twice, behind a call that failed at once',
      [
        sampleFailure({ startedAtMs: 1_000, durationMs: 10 }),
        broken(1_010, 1_000),
        { ...broken(2_010, 500), firstTokenMs: 100 },
        sampleFailure({ startedAtMs: 2_510, durationMs: 40 }),
        sampleAttempt({ startedAtMs: 2_550, firstTokenMs: 60 }),
      ],
      10 + 100 + 100,
    ],
  ])('if %s', (_, attempts, ms) => {
    expect(addedLatency(attempts)).toBe(ms);
  });
});
