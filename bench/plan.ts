import type { VariantName } from './options.ts';

/** How long and how often everything is measured. */
export interface Plan {
  /** Rounds; every second one runs the variants in reverse order, so that drift of the machine hits all alike. */
  readonly rounds: number;
  /** Seconds of saturated load before the first slice, so that compilers have done their work. */
  readonly warmUpSeconds: Readonly<Record<VariantName, number>>;
  readonly jsonSeconds: number;
  readonly sseSeconds: number;
  readonly translatedSeconds: number;
  readonly latencySeconds: number;
  readonly latencyRounds: number;
  readonly loadedSeconds: number;
  readonly coldStarts: number;
  /** How often a slice that other programs disturbed is measured again; the least disturbed one counts. */
  readonly repeatsMax: number;
}

/** Portkey is given the longest warm-up: its figures improve for twenty seconds, the others settle within a few. */
export const PLANS: Readonly<Record<'quick' | 'full', Plan>> = {
  quick: {
    rounds: 2,
    warmUpSeconds: { nginx: 1, gateway: 6, portkey: 6, before: 6 },
    jsonSeconds: 1,
    sseSeconds: 2,
    translatedSeconds: 1,
    latencySeconds: 2,
    latencyRounds: 1,
    loadedSeconds: 2,
    coldStarts: 3,
    repeatsMax: 0,
  },
  full: {
    rounds: 4,
    warmUpSeconds: { nginx: 2, gateway: 10, portkey: 20, before: 10 },
    jsonSeconds: 3,
    sseSeconds: 3,
    translatedSeconds: 3,
    latencySeconds: 5,
    latencyRounds: 3,
    loadedSeconds: 5,
    coldStarts: 5,
    repeatsMax: 1,
  },
};

/** The order of a round: as given, or reversed in every second one. */
export function inRound<Item>(items: readonly Item[], round: number): readonly Item[] {
  return round % 2 === 0 ? items : items.toReversed();
}
