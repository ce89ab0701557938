/** How long to wait between repetitions. */
export interface Backoff {
  /** Longest wait after the first failure; it doubles with each. */
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
}

/**
 * The wait after so many failures: a part, picked by chance, of a longest wait that doubles up to a limit ("full jitter",
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/). Never less than a tenth of it, so that
 * chance cannot make a job hammer.
 */
export function backoffMs({ retryBaseMs, retryMaxMs }: Backoff, failures: number, chance: number): number {
  // 2^40 times a millisecond is longer than any limit here.
  const longest = Math.min(retryMaxMs, retryBaseMs * 2 ** Math.min(failures - 1, 40));
  return Math.round(longest * Math.max(0.1, chance));
}
