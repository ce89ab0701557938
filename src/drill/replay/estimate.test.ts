import { describe, expect, it } from 'vitest';
import { diceFrom } from '../../simulator/answer/dice.ts';
import { estimateGap, type SlotOutcome } from './estimate.ts';
import { sampleSlots, slotsOf, SLOT_MS, STRATA, type SlotsByStratum, type Stratum } from './slots.ts';
import { idealAvailability, idealOf, type Condition, type Stretch, type Timeline } from './timeline.ts';
import { arrivals } from './workload.ts';

const DOWN: Condition = { fault: { kind: { type: 'down' } }, failing: 1 };

/** Two services over so many minutes, with a change of one of them wherever `cuts` says. */
function timeline(
  minutes: number,
  down: readonly (readonly [number, number, readonly boolean[]])[],
): Timeline {
  const stretches = down.map(([from, to, which]): Stretch => ({
    startMs: from * SLOT_MS,
    endMs: to * SLOT_MS,
    conditions: which.map((each) => (each ? DOWN : null)),
  }));
  return { services: ['a', 'b'], period: { startMs: 0, endMs: minutes * SLOT_MS }, stretches };
}

describe('the minutes of a period', () => {
  const made = timeline(12, [
    [0, 3, [false, false]],
    [3, 6.5, [true, false]],
    [6.5, 10, [true, true]],
    [10, 12, [false, false]],
  ]);

  it('are sorted by what happens in them and in the one before', () => {
    const slots = slotsOf(made);
    const minutes = (stratum: Stratum): readonly number[] => slots[stratum].map((ms) => ms / SLOT_MS);
    expect(minutes('quiet')).toEqual([0, 1, 2, 11]);
    expect(minutes('edge')).toEqual([3, 6, 7, 10]);
    expect(minutes('incident')).toEqual([4, 5]);
    expect(minutes('down')).toEqual([8, 9]);
    expect(idealAvailability(made)).toBeCloseTo(1 - 3.5 / 12, 12);
    expect(made.stretches.map(idealOf)).toEqual([1, 1, 0, 1]);
  });

  it('are drawn without repeating any, at least two of each kind, in order of time', () => {
    const drawn = sampleSlots(slotsOf(made), 6, diceFrom('x'));
    expect(new Set(drawn.map(({ startMs }) => startMs)).size).toBe(drawn.length);
    for (const stratum of STRATA)
      expect(drawn.filter((slot) => slot.stratum === stratum).length).toBeGreaterThanOrEqual(2);
    expect(drawn.map(({ startMs }) => startMs)).toEqual(
      drawn.map(({ startMs }) => startMs).toSorted((a, b) => a - b),
    );
  });
});

describe('the estimate of the gap', () => {
  // A population whose gaps are known: the estimator must find their mean from samples of it.
  const counts = { edge: 300, down: 40, incident: 2_000, quiet: 20_000 };
  const chance: { readonly [stratum in Stratum]: number } = { edge: 0.2, down: 0, incident: 0.02, quiet: 0 };
  const dice = diceFrom('population');
  const gaps: { readonly [stratum in Stratum]: readonly number[] } = {
    edge: Array.from({ length: counts.edge }, () => (dice.next() < chance.edge ? dice.next() : 0)),
    down: Array.from({ length: counts.down }, () => 0),
    incident: Array.from({ length: counts.incident }, () => (dice.next() < chance.incident ? 0.5 : 0)),
    quiet: Array.from({ length: counts.quiet }, () => 0),
  };
  const all = STRATA.reduce((sum, stratum) => sum + counts[stratum], 0);
  const truth = STRATA.reduce((sum, stratum) => sum + total(gaps[stratum]), 0) / all;
  const places: SlotsByStratum = {
    edge: gaps.edge.map((_, index) => index),
    down: gaps.down.map((_, index) => index),
    incident: gaps.incident.map((_, index) => index),
    quiet: gaps.quiet.map((_, index) => index),
  };

  function total(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0);
  }

  function drawn(seed: number): readonly SlotOutcome[] {
    return sampleSlots(places, 400, diceFrom(`sample ${seed}`)).map(({ stratum, startMs }) => ({
      stratum,
      requests: 10,
      gap: 10 * (gaps[stratum][startMs] ?? Number.NaN),
    }));
  }

  it('is right on average, and its range holds the truth as often as it says', () => {
    const estimates = Array.from({ length: 400 }, (_, seed) => estimateGap(drawn(seed), counts).gap);
    const mean = total(estimates.map(({ value }) => value)) / estimates.length;
    expect(Math.abs(mean - truth) / truth).toBeLessThan(0.05);
    const held = estimates.filter(({ low, high }) => low <= truth && truth <= high).length;
    expect(held / estimates.length).toBeGreaterThan(0.85);
  });

  it('is exact where every minute was simulated', () => {
    const everything = STRATA.flatMap((stratum) =>
      gaps[stratum].map((gap): SlotOutcome => ({ stratum, requests: 5, gap: 5 * gap })),
    );
    const { gap, unseenAtMost } = estimateGap(everything, counts);
    expect(gap.value).toBeCloseTo(truth, 12);
    expect(gap.high - gap.low).toBeCloseTo(0, 12);
    expect(unseenAtMost).toBe(0);
  });

  it('says what it may have missed: three losses in as many requests as were sent', () => {
    const outcomes = STRATA.flatMap((stratum) => [1, 2].map(() => ({ stratum, requests: 50, gap: 0 })));
    const { gap, unseenAtMost } = estimateGap(outcomes, counts);
    expect(gap).toEqual({ value: 0, low: 0, high: 0 });
    expect(unseenAtMost).toBeCloseTo(((counts.quiet / all) * 3) / 100, 12);
  });
});

describe('arrivals', () => {
  it('fall anywhere in the minute with the same chance, and keep the bursts of the trace', () => {
    // Ten requests at once, then a pause: a burst must stay one.
    const trace = Array.from({ length: 200 }, (_, index) => ({
      atMs: Math.floor(index / 10) * 10_000,
      inputTokens: 1,
      outputTokens: 1,
    }));
    const quarters = [0, 0, 0, 0];
    for (let seed = 0; seed < 400; seed += 1) {
      const times = arrivals(trace, 20, diceFrom(`a${seed}`));
      expect(times).toHaveLength(20);
      expect(new Set(times).size).toBeLessThanOrEqual(4);
      for (const ms of times) {
        expect(ms).toBeLessThan(SLOT_MS);
        const quarter = Math.floor((ms * 4) / SLOT_MS);
        quarters[quarter] = (quarters[quarter] ?? 0) + 1;
      }
    }
    for (const count of quarters) expect(count / 8_000).toBeCloseTo(0.25, 1);
  });
});
