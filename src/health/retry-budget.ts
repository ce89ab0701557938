import type { RetryBudgetConfig } from '../config/config.ts';

const BUCKET_MS = 1_000;
/** Ten seconds (Finagle's retry budget: ttl 10 s). */
const WINDOW_BUCKETS = 10;
/** One more, so that repetitions are remembered for no less than the window although the newest bucket is not over. */
const BUCKETS = WINDOW_BUCKETS + 1;

/**
 * What keeps retries from making an outage worse: in the last 10 s not more repetitions and hedges than a share of the
 * requests, plus a few that are always allowed. Defaults: 20 % + 3 (Envoy's `retry_budget`: 20 %, minimum 3; Finagle: 20 %).
 * Where the second is not over, requests of the oldest second are forgotten before its repetitions are: it errs towards
 * fewer. Times are of the monotonic clock. Nothing allocates.
 */
export class RetryBudget {
  #config: RetryBudgetConfig;
  readonly #requests = new Uint32Array(BUCKETS);
  readonly #repeats = new Uint32Array(BUCKETS);
  #head = 0;
  #requestsTotal = 0;
  #repeatsTotal = 0;

  constructor(config: RetryBudgetConfig) {
    this.#config = config;
  }

  /** Whether one more repetition or hedge is allowed. Takes nothing. */
  allows(nowMs: number): boolean {
    this.#turn(nowMs);
    // The oldest bucket reaches further back than the window: its repetitions count still, its requests no more.
    const requests = this.#requestsTotal - (this.#requests[(this.#head + 1) % BUCKETS] ?? 0);
    return this.#repeatsTotal + 1 <= this.#config.share * requests + this.#config.minimum;
  }

  /** A call that is neither a repetition nor a hedge: adds to the budget. */
  requested(nowMs: number): void {
    this.#turn(nowMs);
    const at = this.#head % BUCKETS;
    this.#requests[at] = (this.#requests[at] ?? 0) + 1;
    this.#requestsTotal += 1;
  }

  /** A repetition or hedge: takes from the budget, allowed or not. */
  repeated(nowMs: number): void {
    this.#turn(nowMs);
    const at = this.#head % BUCKETS;
    this.#repeats[at] = (this.#repeats[at] ?? 0) + 1;
    this.#repeatsTotal += 1;
  }

  /** Another share and minimum apply from now on; what was counted stays. */
  adopt(config: RetryBudgetConfig): void {
    this.#config = config;
  }

  #turn(nowMs: number): void {
    const head = Math.floor(nowMs / BUCKET_MS);
    const passed = head - this.#head;
    if (passed <= 0) return;
    for (let step = 1; step <= Math.min(passed, BUCKETS); step += 1) {
      const at = (head - step + 1) % BUCKETS;
      this.#requestsTotal -= this.#requests[at] ?? 0;
      this.#repeatsTotal -= this.#repeats[at] ?? 0;
      this.#requests[at] = 0;
      this.#repeats[at] = 0;
    }
    this.#head = head;
  }
}
