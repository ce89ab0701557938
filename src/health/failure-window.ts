/**
 * Calls and failures of the last while, in a few buckets of time: immutable, so that it can be part of a state. The oldest
 * bucket falls out whole, so that between 5/6 of the window and all of it is remembered.
 */
export interface FailureWindow {
  /** Number of the newest bucket, counted from time 0. */
  readonly head: number;
  /** Calls and failures of a bucket side by side; bucket n stands at `n % BUCKETS`. */
  readonly counts: readonly number[];
  readonly requests: number;
  readonly failures: number;
}

const BUCKETS = 6;

export const EMPTY_WINDOW: FailureWindow = {
  head: 0,
  counts: Array.from({ length: 2 * BUCKETS }, () => 0),
  requests: 0,
  failures: 0,
};

/** The window with one more call in it, which ended at `atMs`; `windowMs` is its whole length. */
export function counted(
  window: FailureWindow,
  atMs: number,
  windowMs: number,
  failed: boolean,
): FailureWindow {
  const head = Math.floor((atMs * BUCKETS) / windowMs);
  const passed = head - window.head;
  // Numbers that go back or far ahead mean that nothing in it is recent, or that the length has changed.
  const stale = passed < 0 || passed >= BUCKETS;
  const old = stale ? EMPTY_WINDOW : window;
  const counts = old.counts.slice();
  let { requests, failures } = old;
  for (let ahead = stale ? 0 : passed; ahead > 0; ahead -= 1) {
    const at = 2 * ((head - ahead + 1) % BUCKETS);
    requests -= counts[at] ?? 0;
    failures -= counts[at + 1] ?? 0;
    counts[at] = 0;
    counts[at + 1] = 0;
  }
  const at = 2 * (head % BUCKETS);
  counts[at] = (counts[at] ?? 0) + 1;
  if (failed) counts[at + 1] = (counts[at + 1] ?? 0) + 1;
  return { head, counts, requests: requests + 1, failures: failures + (failed ? 1 : 0) };
}
