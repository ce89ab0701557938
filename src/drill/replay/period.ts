import type { Interval } from './intervals.ts';

/** The month that begins with a day of this time, and the one after it, as a stretch of time in UTC. */
export function monthOf(ms: number): Interval {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { startMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
}

/**
 * Reads a period: `2024-02` (a month), `2023-07..2024-02` (months) or `2023-07-11..2024-02-29` (days), both ends included.
 * Throws an `Error` that says what is wrong.
 */
export function parsePeriod(text: string): Interval {
  const [from = '', to = from, ...more] = text.split('..');
  const first = stretchOf(from);
  const last = stretchOf(to);
  if (first === null || last === null || more.length > 0) {
    throw new Error(
      `The period "${text}" is not understood: write months (2023-07..2024-02) or days (2023-07-11..2024-02-29).`,
    );
  }
  if (last.endMs <= first.startMs) throw new Error(`The period "${text}" ends before it begins.`);
  return { startMs: first.startMs, endMs: last.endMs };
}

/** A period as people write it: its first and its last day. */
export function periodText({ startMs, endMs }: Interval): string {
  return `${dayText(startMs)} to ${dayText(endMs - 1)}`;
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;

// A month or a day; null where it is neither, or the calendar has no such day.
function stretchOf(text: string): Interval | null {
  if (/^\d{4}-\d{2}$/.test(text)) {
    const startMs = Date.parse(`${text}-01T00:00:00Z`);
    return Number.isNaN(startMs) ? null : monthOf(startMs);
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const startMs = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(startMs) || dayText(startMs) !== text) return null;
  return { startMs, endMs: startMs + DAY_MS };
}
