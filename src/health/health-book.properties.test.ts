import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthCall } from '../spec/health.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { answered, failed, FAILOVER, healthFixture, type HealthFixture } from './testing/fixture.ts';

const TARGET = 'alpha/model-a';
const TICK_MS = 100;
const { openMaxMs, rampMs } = FAILOVER.breaker;

/** Calls of a time of trouble: in each phase, a part of the calls fails, and each takes a while. */
interface Phase {
  readonly ticks: number;
  readonly failing: number;
  readonly callTicks: number;
  /** Whether calls are made although the circuit is shut. */
  readonly panic: boolean;
}

const phases = fc.array(
  fc.record({
    ticks: fc.integer({ min: 1, max: 1_500 }),
    failing: fc.constantFrom(0, 0.1, 0.3, 0.5, 0.9, 1),
    callTicks: fc.integer({ min: 0, max: 100 }),
    panic: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Makes a call in every tick that lets one through, and ends it in time. Returns what is still under way. */
function live(fixture: HealthFixture, list: readonly Phase[], seed: number): HealthCall[] {
  const { book, clock } = fixture;
  const random = seededRandom(seed);
  const underWay = new Map<HealthCall, { ticks: number; fails: boolean }>();
  for (const phase of list)
    for (let tick = 0; tick < phase.ticks; tick += 1) {
      clock.advanceAtOnce(TICK_MS);
      const { type } = book.standing(TARGET, 0, 'normal');
      if (type === 'ready' || type === 'probe' || phase.panic)
        underWay.set(book.begin(TARGET, 0, 'first'), {
          ticks: phase.callTicks,
          fails: random.next() < phase.failing,
        });
      for (const [call, left] of underWay) {
        left.ticks -= 1;
        if (left.ticks > 0) continue;
        underWay.delete(call);
        call.end(left.fails ? failed('upstream_unavailable') : answered());
      }
    }
  return [...underWay.keys()];
}

/** Most changes of a circuit in any minute. */
function mostInAMinute(fixture: HealthFixture): number {
  const times = fixture.events.flatMap((event) => (event.type === 'circuit-changed' ? [event.atMs] : []));
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));
}

describe('the memory of a target', () => {
  it('does not flap: at most 16 changes of its circuit in any minute', () => {
    fc.assert(
      fc.property(phases, fc.integer(), (list, seed) => {
        const fixture = healthFixture({ seed });
        live(fixture, list, seed);
        expect(mostInAMinute(fixture)).toBeLessThanOrEqual(16);
      }),
      { numRuns: 40 },
    );
  });

  it('gives a target that is well again all of its calls, within the longest open time and the ramp', () => {
    fc.assert(
      fc.property(phases, fc.integer(), (list, seed) => {
        const fixture = healthFixture({ seed });
        for (const call of live(fixture, list, seed)) call.end({ type: 'abandoned' });
        const { book, clock } = fixture;
        const untilMs = clock.nowMs() + openMaxMs + rampMs + 4 * TICK_MS;
        while (clock.nowMs() < untilMs) {
          clock.advanceAtOnce(TICK_MS);
          const { type } = book.standing(TARGET, 0, 'normal');
          if (type === 'ready' || type === 'probe') book.begin(TARGET, 0, 'first').end(answered());
        }
        expect(book.standing(TARGET, 0, 'normal')).toEqual({ type: 'ready', share: 1 });
        expect(book.down(TARGET)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('tells of a target that goes down and comes back by turns', () => {
    fc.assert(
      fc.property(phases, fc.integer(), (list, seed) => {
        const fixture = healthFixture({ seed });
        live(fixture, list, seed);
        const told = fixture.types().filter((type) => type !== 'circuit-changed');
        const byTurns = told.map((_, at) => (at % 2 === 0 ? 'target-down' : 'target-recovered'));
        expect(told).toEqual(byTurns);
        expect(fixture.book.down(TARGET)).toBe(told.at(-1) === 'target-down');
      }),
      { numRuns: 40 },
    );
  });

  it('sends a target in a full outage next to nothing', () => {
    const fixture = healthFixture();
    const { book, clock } = fixture;
    let calls = 0;
    for (let tick = 0; tick < 6_000; tick += 1) {
      clock.advanceAtOnce(10);
      const { type } = book.standing(TARGET, 0, 'normal');
      if (type !== 'ready' && type !== 'probe') continue;
      calls += 1;
      book.begin(TARGET, 0, 'first').end(failed('upstream_unavailable'));
    }
    // A minute: five to find out, then one after about 5, 15 and 35 seconds.
    expect(calls).toBeLessThanOrEqual(9);
  });

  it('does the same again with the same chance', () => {
    const phase: Phase = { ticks: 3_000, failing: 0.5, callTicks: 7, panic: true };
    const [one, other] = [healthFixture({ seed: 3 }), healthFixture({ seed: 3 })];
    live(one, [phase], 9);
    live(other, [phase], 9);
    expect(one.events.length).toBeGreaterThan(5);
    expect(other.events).toEqual(one.events);
  });
});
