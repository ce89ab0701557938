import type { AddedLatency } from '../spec/drill.ts';

/** Each step is this much longer than the one before, which is how exact a quantile is. */
const STEP = 1.05;

/** Counts delays in steps that grow, so that quantiles of any number of requests take the same small room. */
export class LatencyTally {
  readonly #counts: number[] = [];
  #total = 0;
  #max = 0;

  /** In milliseconds, to a tenth. Below 0, which only a clock that was set back can give, counts as 0. */
  add(ms: number): void {
    const counted = Math.max(0, Math.round(ms * 10) / 10);
    const step = counted < 1 ? 0 : 1 + Math.floor(Math.log(counted) / Math.log(STEP));
    while (this.#counts.length <= step) this.#counts.push(0);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total += 1;
    this.#max = Math.max(this.#max, counted);
  }

  /** Null where nothing was counted. */
  summary(): AddedLatency | null {
    return this.#total === 0 ? null : { p50: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#max };
  }

  // The end of the step in which the quantile lies, so that it is never told too small.
  #quantile(share: number): number {
    const rank = Math.ceil(this.#total * share);
    let seen = 0;
    for (const [step, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return step === 0 ? 0 : Math.min(this.#max, Math.round(STEP ** step * 10) / 10);
    }
    return this.#max;
  }
}
