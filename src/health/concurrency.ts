import type { ConcurrencyConfig } from '../config/config.ts';
import type { Priority } from '../spec/health.ts';

/** Where a limit begins, so that a fallback takes over a whole stream of traffic at once; not below `min`, not above `max`. */
const START = 256;
/** Netflix concurrency-limits, Gradient2: additive growth, smoothing, and how far latency may rise unpunished. */
const QUEUE = 4;
const SMOOTHING = 0.2;
const TOLERANCE = 1.5;
const GRADIENT_MIN = 0.5;
/** The short average reaches over about as many samples. */
const SHORT_SAMPLES = 10;
/**
 * The long average takes the mean of a window of time for one sample and reaches over 600 (Gradient2 in its WindowedLimit: at
 * least 1 s and 10 samples): ten minutes at least, so that a target that is kept too busy does not soon seem usual.
 */
const LONG_WINDOWS = 600;
const WINDOW_MS = 1_000;
const WINDOW_SAMPLES = 10;
/** The long average that is more than twice the short one is out of date, and cut. */
const LONG_CUT_ABOVE = 2;
const LONG_CUT = 0.9;

/** The part of the limit that calls of each priority may fill: the lowest are shed first (Google SRE, criticality). */
const PART: { readonly [name in Priority]: number } = { high: 1, normal: 0.9, low: 0.7 };

/**
 * How many calls at once a target seems to take, learned from its time to the first token: Gradient2 of Netflix's
 * concurrency-limits. The long answer itself says nothing, for its length is the caller's wish.
 */
export class ConcurrencyLimit {
  #config: ConcurrencyConfig;
  #limit: number;
  #longMs = 0;
  #shortMs = 0;
  #samples = 0;
  #windows = 0;
  #windowSinceMs = 0;
  #windowSumMs = 0;
  #windowSamples = 0;

  constructor(config: ConcurrencyConfig) {
    this.#config = config;
    this.#limit = within(config, START);
  }

  /** Most calls at once, a whole number. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Whether one more call of this priority would be too many. */
  full(inFlight: number, priority: Priority): boolean {
    return inFlight >= Math.max(1, Math.floor(this.#limit * PART[priority]));
  }

  /** First content came after so long, while `inFlight` calls were under way; `nowMs` is of the monotonic clock. */
  firstToken(ms: number, inFlight: number, nowMs: number): void {
    // While there are fewer samples, an average reaches as far back as there are.
    this.#samples = Math.min(SHORT_SAMPLES, this.#samples + 1);
    this.#shortMs += ((ms - this.#shortMs) * 2) / (this.#samples + 1);
    this.#learnUsual(ms, inFlight, nowMs);
    // A limit that is not used is not put to the test either.
    if (inFlight < this.#limit / 2) return;
    const gradient =
      this.#shortMs <= 0 || this.#windows === 0
        ? 1
        : Math.max(GRADIENT_MIN, Math.min(1, (TOLERANCE * this.#longMs) / this.#shortMs));
    const next = this.#limit * gradient + QUEUE;
    this.#limit = within(this.#config, this.#limit * (1 - SMOOTHING) + next * SMOOTHING);
  }

  /** Other bounds apply from now on; what was learned stays. */
  adopt(config: ConcurrencyConfig): void {
    this.#config = config;
    this.#limit = within(config, this.#limit);
  }

  #learnUsual(ms: number, inFlight: number, nowMs: number): void {
    if (this.#windowSamples === 0) this.#windowSinceMs = nowMs;
    this.#windowSamples += 1;
    this.#windowSumMs += ms;
    if (this.#windowSamples < WINDOW_SAMPLES || nowMs - this.#windowSinceMs < WINDOW_MS) return;
    const meanMs = this.#windowSumMs / this.#windowSamples;
    this.#windowSamples = 0;
    this.#windowSumMs = 0;
    this.#windows = Math.min(LONG_WINDOWS, this.#windows + 1);
    // Under load a young average must not take for usual what the load itself has done.
    const loaded = inFlight >= this.#limit / 2 && this.#windows > 1 && meanMs > this.#longMs;
    this.#longMs += ((meanMs - this.#longMs) * 2) / ((loaded ? LONG_WINDOWS : this.#windows) + 1);
    if (this.#longMs > LONG_CUT_ABOVE * meanMs) this.#longMs *= LONG_CUT;
  }
}

/** Where the limit of a target without history stands. */
export function startLimit(config: ConcurrencyConfig): number {
  return within(config, START);
}

function within(config: ConcurrencyConfig, limit: number): number {
  return Math.min(config.max, Math.max(config.min, limit));
}
