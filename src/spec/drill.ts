import type { CircuitChanged, DrillEnding } from './event.ts';

/** A fault on purpose: a provider that is made to fail in one way, for a share of its calls and a time. */
export interface Drill {
  readonly id: string;
  /** Configured name of the provider. */
  readonly provider: string;
  /** Short name of the fault, such as `down` or `cut:5`. */
  readonly fault: string;
  /** Chance, 0 to 1, that a call to the provider meets the fault. */
  readonly share: number;
  /** Name of the key of whoever started it. */
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly untilMs: number;
  /** Both null while it runs. */
  readonly endedAtMs: number | null;
  readonly ending: DrillEnding | null;
  readonly report: DrillReport;
}

/** What came of a drill. Of the requests that met the fault, each is in exactly one of the counts behind `met`. */
export interface DrillReport {
  /** Requests that ended while the drill ran, and those that met the fault and ended later. */
  readonly requests: number;
  /** Calls to the provider while the drill ran, and how many of them met the fault; probes of the gateway included. */
  readonly providerCalls: number;
  readonly brokenCalls: number;
  /** Requests that met the fault and have ended. */
  readonly met: number;
  /** They were answered by another target, with nothing sent before. */
  readonly failedOver: number;
  /** They were answered by going on with a stream that broke off. */
  readonly resumed: number;
  /** They were answered by the provider itself: another call to it came through, or the fault only slowed it down. */
  readonly recovered: number;
  /** They failed although a target at a provider without a drill existed. Must be 0. */
  readonly lost: number;
  /** They failed, and no other target could have answered, or the fault said that the request itself is wrong. */
  readonly unavoidable: number;
  /** Their client went away first. */
  readonly left: number;
  /** Requests that met the fault and have not ended yet. */
  readonly underWay: number;
  /** Requests that failed without having met the fault. */
  readonly failedBesides: number;
  /** What the fault cost the requests that were answered, in milliseconds; null where none was. */
  readonly addedMs: AddedLatency | null;
  readonly targets: readonly DrilledTarget[];
  /** Changes of circuits, oldest first; only the first of them are kept. */
  readonly circuits: readonly CircuitChanged[];
  readonly circuitChanges: number;
  /** All of it in one sentence. */
  readonly verdict: string;
}

/**
 * How much later answers came: from the start of the first call to the start of the one that answered, and for a stream
 * that was resumed the silence in the middle of it. Exact to 5 %.
 */
export interface AddedLatency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a target did during a drill. */
export interface DrilledTarget {
  readonly target: string;
  /** Requests that it answered. */
  readonly answered: number;
  /** Calls to it that failed. */
  readonly failed: number;
}

/** The longest time of a drill: one day. */
export const DRILL_SECONDS_MAX = 86_400;

/** A drill that somebody wants. */
export interface DrillOrder {
  readonly provider: string;
  /** Short name of a fault. */
  readonly fault: string;
  /** 0 to 1. */
  readonly share: number;
  /** Above 0, at most `DRILL_SECONDS_MAX`. */
  readonly seconds: number;
  readonly startedBy: string;
}

/** What became of the order; a refusal names the field that is wrong, or none where it is the number of drills. */
export type DrillStart =
  | { readonly type: 'started'; readonly drill: Drill }
  | { readonly type: 'refused'; readonly field: keyof DrillOrder | null; readonly message: string };

/** Starts, stops and shows drills. */
export interface DrillControl {
  start(order: DrillOrder): Promise<DrillStart>;
  /** All that are known, newest first. */
  list(): Promise<readonly Drill[]>;
  /** Null where no drill has this id, or it was forgotten. */
  get(id: string): Promise<Drill | null>;
  /** Ends a drill before its time; one that is over stays as it is. Null where no drill has this id. */
  stop(id: string): Promise<Drill | null>;
}
