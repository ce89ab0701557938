import type { ERROR_KINDS, ErrorKind } from '../spec/error.ts';

/** Kinds of failure after which something is left alone for a while; apart from health, for it says nothing about that. */
export type ParkingKind = {
  [Kind in ErrorKind]: (typeof ERROR_KINDS)[Kind]['parks'] extends 'nothing' ? never : Kind;
}[ErrorKind];

/**
 * Why and until when a target or key is left alone, and how often in a row that had to be guessed. Pure data, replaced whole;
 * times are of the monotonic clock in milliseconds, 0 for never. It is kept after its time is over, for the next guess.
 */
export interface Parked {
  /** Of the last failure. */
  readonly kind: ParkingKind;
  /** When it was last parked by a call that had not begun before. */
  readonly sinceMs: number;
  /** Until when the provider itself said. */
  readonly toldUntilMs: number;
  /** Until when we guess, where it said nothing. */
  readonly guessUntilMs: number;
  /** Failures of this kind in a row, without a success between; the guess doubles with each. */
  readonly inARow: number;
}

interface Guess {
  readonly firstMs: number;
  readonly maxMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * How long where the provider does not say; doubles from the first to the longest. Sources: limits of rate are counted by the
 * minute at OpenAI, Anthropic and Gemini, so more than 60 s would be idle; a quota comes back when somebody pays or a day or
 * month begins, and a key or model when somebody repairs it, so asking oftener than hourly only makes noise (our choice).
 */
const GUESSES: { readonly [Kind in ParkingKind]: Guess } = {
  upstream_rate_limited: { firstMs: SECOND_MS, maxMs: 60 * SECOND_MS },
  upstream_quota_exhausted: { firstMs: 10 * MINUTE_MS, maxMs: HOUR_MS },
  upstream_misconfigured: { firstMs: 5 * MINUTE_MS, maxMs: HOUR_MS },
  upstream_model_missing: { firstMs: 5 * MINUTE_MS, maxMs: HOUR_MS },
};

/** A provider that names a time further ahead is asked again after a day all the same. */
export const TOLD_MAX_MS = 24 * HOUR_MS;

/** Whether failures of this kind park something. */
export function isParking(kind: ErrorKind): kind is ParkingKind {
  return Object.hasOwn(GUESSES, kind);
}

/** Whether only an operator, or a new month, can repair it: a rate limit passes by itself. */
export function isLasting(parked: Parked): boolean {
  return parked.kind !== 'upstream_rate_limited';
}

/** A failure that parks. */
export interface ParkingFailure {
  readonly kind: ParkingKind;
  /** How long the provider asks to be left alone; null, and 0 too, where it does not say. */
  readonly retryAfterMs: number | null;
  /** When its call began and ended. */
  readonly begunMs: number;
  readonly atMs: number;
}

/** Until when it is left alone. */
export function parkedUntil(parked: Parked | null): number {
  return parked === null ? 0 : Math.max(parked.toldUntilMs, parked.guessUntilMs);
}

/** Whether the provider itself said so. */
export function isTold(parked: Parked): boolean {
  return parked.toldUntilMs >= parked.guessUntilMs;
}

/**
 * What is parked after the failure. What the provider told is kept to exactly, and never made shorter by what came from
 * another call; a guess gives way to it. Failures of calls that were under way when it was parked already are not one more in
 * a row: fifty of them are one rate limit.
 */
export function parkedBy(history: Parked | null, failure: ParkingFailure): Parked {
  const { kind, atMs, retryAfterMs } = failure;
  const before = history ?? NEVER;
  const same = before.kind === kind;
  const late = same && failure.begunMs < before.sinceMs;
  const inARow = (same ? before.inARow : 0) + (late ? 0 : 1);
  const parked = { kind, sinceMs: late ? before.sinceMs : atMs, inARow };
  if (isTime(retryAfterMs)) {
    const toldUntilMs = Math.max(before.toldUntilMs, atMs + Math.min(retryAfterMs, TOLD_MAX_MS));
    return { ...parked, toldUntilMs, guessUntilMs: same ? 0 : before.guessUntilMs };
  }
  // Nothing is to be guessed while it is known, nor anew for what is one blow.
  const known = before.toldUntilMs > atMs || (late && before.guessUntilMs > atMs);
  const guessMs = known ? 0 : atMs + guess(kind, inARow);
  return {
    ...parked,
    toldUntilMs: before.toldUntilMs,
    guessUntilMs: Math.max(before.guessUntilMs, guessMs),
  };
}

const NEVER: Parked = {
  kind: 'upstream_rate_limited',
  sinceMs: 0,
  toldUntilMs: 0,
  guessUntilMs: 0,
  inARow: 0,
};

/**
 * What is parked after a success of a call begun at `begunMs`: a guess was wrong or is over, and the next one starts small
 * again; what was told stands. A call that began before it was parked says nothing.
 */
export function parkedAfterSuccess(before: Parked | null, begunMs: number, atMs: number): Parked | null {
  if (before === null || begunMs < before.sinceMs) return before;
  return before.toldUntilMs > atMs ? { ...before, guessUntilMs: 0, inARow: 0 } : null;
}

function guess(kind: ParkingKind, inARow: number): number {
  const { firstMs, maxMs } = GUESSES[kind];
  return Math.min(maxMs, firstMs * 2 ** Math.max(0, inARow - 1));
}

// Whether the provider told something that can be kept to.
function isTime(retryAfterMs: number | null): retryAfterMs is number {
  return retryAfterMs !== null && retryAfterMs > 0;
}
