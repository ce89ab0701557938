import type { Dice } from '../../simulator/answer/dice.ts';
import { idealOf, type Stretch, type Timeline } from './timeline.ts';

/**
 * Kinds of minutes. `edge`: a service's trouble begins, ends or changes in it or in the minute before. `down`: every service
 * fails all requests from its beginning to its end. `incident`: at least one is in trouble. `quiet`: none is.
 */
export const STRATA = ['edge', 'down', 'incident', 'quiet'] as const;
/** One of them. */
export type Stratum = (typeof STRATA)[number];

/** The length of the pieces that a period is cut into; the rest of less than that at its end is left out. */
export const SLOT_MS = 60_000;

/** The minutes of a period by kind: the starts of all minutes of each. */
export type SlotsByStratum = { readonly [stratum in Stratum]: readonly number[] };

/** Sorts all minutes of a timeline by kind. */
export function slotsOf({ period, stretches }: Timeline): SlotsByStratum {
  const slots: { [stratum in Stratum]: number[] } = { edge: [], down: [], incident: [], quiet: [] };
  let first = 0;
  for (let startMs = period.startMs; startMs + SLOT_MS <= period.endMs; startMs += SLOT_MS) {
    // Stretches that ended before the minute before this one began can concern no later minute either.
    while ((stretches[first]?.endMs ?? Infinity) <= startMs - SLOT_MS) first += 1;
    slots[stratumOf(stretches, first, startMs)].push(startMs);
  }
  return slots;
}

function stratumOf(stretches: readonly Stretch[], first: number, startMs: number): Stratum {
  const stretch = stretches[first];
  if (stretch === undefined) return 'quiet';
  if (stretch.endMs < startMs + SLOT_MS) return 'edge';
  if (idealOf(stretch) === 0) return 'down';
  return stretch.conditions.some((condition) => condition !== null) ? 'incident' : 'quiet';
}

/** Minutes to simulate, in order of time, with the kind of each. */
export interface SampledSlot {
  readonly startMs: number;
  readonly stratum: Stratum;
}

/**
 * Share of the minutes to simulate that each kind gets. Edges are where a router can lose what an ideal one would not; in
 * minutes in which all are down there is nothing to win.
 */
const ALLOTTED: { readonly [stratum in Stratum]: number } = {
  edge: 0.55,
  down: 0.03,
  incident: 0.22,
  quiet: 0.2,
};

/** At least as many of each kind, where it has them: a variance needs two. */
const LEAST = 2;

/** Draws minutes without putting back, about so many in all; what a kind does not need, the others get. */
export function sampleSlots(slots: SlotsByStratum, count: number, dice: Dice): readonly SampledSlot[] {
  let left = count;
  let shares = STRATA.reduce((sum, stratum) => sum + ALLOTTED[stratum], 0);
  const sampled: SampledSlot[] = [];
  // The scarce kinds first, so that what they leave is there for the plentiful.
  for (const stratum of STRATA.toSorted((a, b) => slots[a].length - slots[b].length)) {
    const wanted = Math.max(LEAST, Math.round((left * ALLOTTED[stratum]) / shares));
    const drawn = draw(slots[stratum], Math.min(wanted, slots[stratum].length), dice);
    for (const startMs of drawn) sampled.push({ startMs, stratum });
    left = Math.max(0, left - drawn.length);
    shares -= ALLOTTED[stratum];
  }
  return sampled.toSorted((a, b) => a.startMs - b.startMs);
}

function draw(from: readonly number[], count: number, dice: Dice): readonly number[] {
  const items = [...from];
  const drawn: number[] = [];
  for (let left = items.length; drawn.length < count; left -= 1) {
    const place = dice.below(left);
    const item = items[place];
    const last = items[left - 1];
    if (item === undefined || last === undefined) break;
    drawn.push(item);
    items[place] = last;
  }
  return drawn;
}
