import type { Baseline } from '../spec/health.ts';
import { LogHistogram } from './histogram.ts';

/** Time constant of the peak-EWMA cost (Finagle's load metric: 10 s). */
const DECAY_MS = 10_000;
/** Fewer answers say nothing about a 95th percentile (20 is the least number of which one is above it). */
const SAMPLES_MIN = 20;
/** How often old answers lose half of their weight, and below which weight they do not: an idle target is not forgotten. */
const HALVE_EVERY_MS = 300_000;
const HALVE_ABOVE = 4 * SAMPLES_MIN;
/** However many come in that time: no weight grows without bounds. */
const WEIGHT_MAX = 2_000;
/** The quantiles are worked out anew after as many answers. */
const REFRESH_EVERY = 16;
/** A shorter answer says nothing about a speed. */
const SPEED_TOKENS_MIN = 8;

/** What a target's answers teach about its speed. Times are of the monotonic clock; no sample allocates anything. */
export class Latency {
  readonly #firstToken = new LogHistogram(1);
  readonly #tokensPerSecond = new LogHistogram(0.1);
  readonly #answer = new LogHistogram(1);
  #halvedAtMs: number;
  #costMs = 0;
  #costAtMs: number;
  #baseline: Baseline | null = null;
  #unseen = 0;

  constructor(nowMs: number) {
    this.#halvedAtMs = nowMs;
    this.#costAtMs = nowMs;
  }

  /** First content came this long after the start. */
  firstToken(ms: number, nowMs: number): void {
    this.#age(nowMs);
    this.#firstToken.add(ms);
    this.#unseen += 1;
    const costMs = this.costMs(nowMs);
    // A peak is believed at once, better times only by and by.
    const kept = Math.exp(-Math.max(0, nowMs - this.#costAtMs) / DECAY_MS);
    this.#costMs = ms > costMs ? ms : this.#costMs * kept + ms * (1 - kept);
    this.#costAtMs = nowMs;
  }

  /** A stream of so many tokens took so long behind its first content. */
  streamed(outputTokens: number, ms: number): void {
    if (outputTokens < SPEED_TOKENS_MIN || ms <= 0) return;
    this.#tokensPerSecond.add((outputTokens * 1000) / ms);
    if (this.#tokensPerSecond.weight > WEIGHT_MAX) this.#tokensPerSecond.halve();
  }

  /** An answer that was not streamed was whole after so long. */
  answered(ms: number, nowMs: number): void {
    this.#age(nowMs);
    this.#answer.add(ms);
    this.#unseen += 1;
    if (this.#answer.weight > WEIGHT_MAX) this.#answer.halve();
  }

  /** Peak-EWMA of the time to the first token: what a call is to be feared to take, in milliseconds; 0 where unknown. */
  costMs(nowMs: number): number {
    return this.#costMs * Math.exp(-Math.max(0, nowMs - this.#costAtMs) / DECAY_MS);
  }

  /** What the target usually does; null until enough answers came. Worked out anew now and then, else the same object. */
  baseline(): Baseline | null {
    const { weight } = this.#firstToken;
    const answers = this.#answer.weight;
    if (weight < SAMPLES_MIN && answers < SAMPLES_MIN) return null;
    if (this.#baseline !== null && this.#unseen < REFRESH_EVERY) return this.#baseline;
    this.#unseen = 0;
    this.#baseline = {
      samples: Math.round(weight + answers),
      firstTokenP50Ms: known(this.#firstToken, 0.5),
      firstTokenP95Ms: known(this.#firstToken, 0.95),
      firstTokenP99Ms: known(this.#firstToken, 0.99),
      answerP99Ms: known(this.#answer, 0.99),
      tokensPerSecond: known(this.#tokensPerSecond, 0.5),
    };
    return this.#baseline;
  }

  #age(nowMs: number): void {
    if (this.#firstToken.weight > WEIGHT_MAX) this.#firstToken.halve();
    if (nowMs - this.#halvedAtMs < HALVE_EVERY_MS) return;
    this.#halvedAtMs = nowMs;
    if (this.#firstToken.weight >= HALVE_ABOVE) this.#firstToken.halve();
    if (this.#tokensPerSecond.weight >= HALVE_ABOVE) this.#tokensPerSecond.halve();
    if (this.#answer.weight >= HALVE_ABOVE) this.#answer.halve();
  }
}

// Null until enough answers came.
function known(histogram: LogHistogram, share: number): number | null {
  return histogram.weight < SAMPLES_MIN ? null : histogram.quantile(share);
}
