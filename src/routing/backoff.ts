/** First and longest wait of the exponential back-off before the same target is called again. */
const BASE_MS = 250;
const CAP_MS = 8_000;

/**
 * Wait before the n-th repetition (from 1) on the same target: full jitter, `random(0, min(cap, base * 2^(n-1)))`
 * (AWS Architecture Blog, "Exponential Backoff and Jitter", 2015), but never less than the provider asks for.
 */
export function backoffMs(repetition: number, retryAfterMs: number | null, random: () => number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (repetition - 1));
  return Math.max(retryAfterMs ?? 0, Math.floor(random() * ceiling));
}
