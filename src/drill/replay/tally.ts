import { bytesToText } from '../../base/bytes.ts';
import type { SlotOutcome } from './estimate.ts';
import { LOSSES, type Loss, type Verdict } from './judge.ts';
import type { Referenced } from './reference.ts';
import type { Stratum } from './slots.ts';
import type { Seen } from './world.ts';

/** Where in the timeline a request was sent: while no service was in trouble, while one was, or while all were down. */
export const PLACES = ['outside', 'inside', 'down'] as const;
/** One of them. */
export type Place = (typeof PLACES)[number];

/** A counted request with what came of it. */
export interface Counted {
  readonly stratum: Stratum;
  /** Start of its minute, which names the unit of the sample. */
  readonly slotMs: number;
  readonly place: Place;
  /** Chance that an ideal router would have served it, 0 to 1. */
  readonly ideal: number;
  /** How many requests of the whole period it stands for, relative to the others. */
  readonly weight: number;
  readonly reference: Referenced;
  readonly seen: Seen;
  readonly verdict: Verdict;
  readonly sentAtMs: number;
  /** What was the matter with each service when it was sent. */
  readonly trouble: string;
}

/** A request that was lost although some service would have served it. */
export interface AvoidableLoss {
  /** When it was sent, in the time of the incidents. */
  readonly at: string;
  readonly loss: Loss;
  readonly wire: string;
  readonly stream: boolean;
  readonly trouble: string;
  readonly calls: number;
  /** The end of what the caller read. */
  readonly said: string;
}

const EXAMPLES_MAX = 10;
const SAID_MAX = 600;

interface PlaceSums {
  weight: number;
  calls: number;
  readonly added: { readonly ms: number; readonly weight: number }[];
}

/** Adds up what became of the counted requests. */
export class Tally {
  readonly losses: { [loss in Loss]: number } = { refused: 0, cut: 0, late: 0, empty: 0, damaged: 0 };
  duplicates = 0;
  gaps = 0;
  requests = 0;
  resumed = 0;
  /** The first few that an ideal router would have served for certain. */
  readonly avoidable: AvoidableLoss[] = [];
  readonly #slots = new Map<number, { stratum: Stratum; requests: number; gap: number }>();
  readonly #places: { readonly [place in Place]: PlaceSums } = {
    outside: noSums(),
    inside: noSums(),
    down: noSums(),
  };
  #cost = 0;
  #referenceCost = 0;

  /** Counts one request. */
  add(counted: Counted): void {
    const { stratum, slotMs, ideal, weight, verdict, seen, reference } = counted;
    this.requests += 1;
    if (verdict.loss !== null) this.#lose(counted, verdict.loss);
    this.duplicates += verdict.damage === 'duplicate' ? 1 : 0;
    this.gaps += verdict.damage === 'gap' ? 1 : 0;
    this.resumed += seen.resumed ? 1 : 0;
    const slot = this.#slots.get(slotMs) ?? { stratum, requests: 0, gap: 0 };
    this.#slots.set(slotMs, slot);
    slot.requests += 1;
    slot.gap += ideal - (verdict.loss === null ? 1 : 0);
    const place = this.#places[counted.place];
    place.weight += weight;
    place.calls += weight * seen.calls;
    if (verdict.loss === null) place.added.push({ ms: addedMs(counted), weight });
    if (seen.costNanodollars !== null && reference.costNanodollars !== null) {
      this.#cost += weight * Number(seen.costNanodollars);
      this.#referenceCost += weight * Number(reference.costNanodollars);
    }
  }

  #lose(counted: Counted, loss: Loss): void {
    this.losses[loss] += 1;
    if (counted.ideal === 1 && this.avoidable.length < EXAMPLES_MAX)
      this.avoidable.push(exampleOf(counted, loss));
  }

  /** Every minute that had a request. */
  get outcomes(): readonly SlotOutcome[] {
    return [...this.#slots.values()];
  }

  get lost(): number {
    return LOSSES.reduce((sum, loss) => sum + this.losses[loss], 0);
  }

  /** Calls to providers for each request of a place; null where no request was sent there. */
  callsPerRequest(place: Place): number | null {
    const { weight, calls } = this.#places[place];
    return weight === 0 ? null : calls / weight;
  }

  /** A quantile, 0 to 1, of the time that failing providers added to served requests; null where there are none. */
  addedMs(quantile: number, places: readonly Place[] = PLACES): number | null {
    const all = places.flatMap((place) => this.#places[place].added).toSorted((a, b) => a.ms - b.ms);
    const wanted = quantile * all.reduce((sum, { weight }) => sum + weight, 0);
    let sum = 0;
    for (const { ms, weight } of all) {
      sum += weight;
      if (sum >= wanted) return ms;
    }
    return null;
  }

  /** What all calls cost, relative to a world without faults; null where no price is known. */
  get costRatio(): number | null {
    return this.#referenceCost === 0 ? null : this.#cost / this.#referenceCost;
  }
}

// A call that started late lost exactly that time. Where an answer was resumed, a part of it was useful, so the whole is
// compared with the same request in a world without faults.
function addedMs({ seen, reference }: Counted): number {
  if (seen.resumed || seen.answeringCallAfterMs === null)
    return Math.max(0, seen.durationMs - reference.durationMs);
  return seen.answeringCallAfterMs;
}

function exampleOf({ sentAtMs, trouble, seen, reference }: Counted, loss: Loss): AvoidableLoss {
  const { wire, stream } = reference.request;
  const said = bytesToText(seen.body).slice(-SAID_MAX);
  return { at: new Date(sentAtMs).toISOString(), loss, wire, stream, trouble, calls: seen.calls, said };
}

function noSums(): PlaceSums {
  return { weight: 0, calls: 0, added: [] };
}
