/** A stretch of time, its end not included, in milliseconds since 1970 UTC. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Stretches in order of time that neither overlap nor touch; the functions below give and expect such lists. */
export type Intervals = readonly Interval[];

/** Any stretches, put in order, with those that overlap or touch made one and empty ones left out. */
export function merged(intervals: Iterable<Interval>): Intervals {
  const sorted = [...intervals]
    .filter(({ startMs, endMs }) => endMs > startMs)
    .toSorted((a, b) => a.startMs - b.startMs);
  const result: Interval[] = [];
  for (const next of sorted) {
    const last = result.at(-1);
    if (last === undefined || next.startMs > last.endMs) result.push(next);
    else result[result.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, next.endMs) };
  }
  return result;
}

/** The time that is in both lists. */
export function intersection(a: Intervals, b: Intervals): Intervals {
  const result: Interval[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return result;
    const startMs = Math.max(left.startMs, right.startMs);
    const endMs = Math.min(left.endMs, right.endMs);
    if (endMs > startMs) result.push({ startMs, endMs });
    if (left.endMs < right.endMs) i += 1;
    else j += 1;
  }
}

/** Their total length in milliseconds. */
export function totalMs(intervals: Intervals): number {
  return intervals.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
