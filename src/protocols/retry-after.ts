import { header, type Headers } from '../spec/wire.ts';

/**
 * How long the provider asks to be left alone, from the headers of its refusal; null where it does not say.
 *
 * In order: `retry-after-ms` above 0 (Azure sends 0 beside a true `retry-after`), `retry-after` in seconds, as a duration
 * or as a date, then the resets of the limits that are used up (`x-ratelimit-reset-*`, `anthropic-ratelimit-*-reset`).
 * Points in time are read against the answer's own `date` header, because clocks differ, else against `nowMs`.
 */
export function retryAfterMs(headers: Headers, nowMs: number | null): number | null {
  const now = epochMs(header(headers, 'date') ?? '') ?? nowMs;
  const exactMs = decimal(header(headers, 'retry-after-ms') ?? '');
  if (exactMs !== null && exactMs > 0) return Math.ceil(exactMs);
  const retryAfter = header(headers, 'retry-after');
  const waitMs = retryAfter === undefined ? null : waitOf(retryAfter, now);
  return waitMs ?? longestReset(headers, now);
}

/** A wait that a message tells in words, such as `Please try again in 7.66s`; null where it tells none. */
export function retryAfterInText(message: string): number | null {
  const found = /\b(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|[dhms]))+)/i.exec(message);
  return found?.[1] === undefined ? null : durationMs(found[1]);
}

/** Milliseconds of a duration such as `12ms`, `0s`, `2m59.56s`, `6m0s`, `51820.638305887s`; null where it is none. */
export function durationMs(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[dhms]))+$/.test(text)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return Math.ceil(totalMs);
}

/** Milliseconds since 1970 of an HTTP date or an RFC 3339 time; null where the text is neither. */
export function epochMs(text: string): number | null {
  const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/i.exec(
    text,
  );
  if (rfc3339 !== null) {
    const [, year, month, day, hour, minute, second, sign, offsetHour, offsetMinute] = rfc3339;
    const offsetM =
      sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHour) * 60 + Number(offsetMinute));
    const date = daysSince1970(Number(year), Number(month), Number(day));
    return timeMs(date, [hour, minute, second]) - offsetM * 60_000;
  }
  const http = /^[a-z]{3}, (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/i.exec(text);
  if (http === null) return null;
  const [, day, monthName, year, hour, minute, second] = http;
  const month = MONTHS.indexOf((monthName ?? '').toLowerCase()) / 3 + 1;
  if (month < 1 || !Number.isInteger(month)) return null;
  return timeMs(daysSince1970(Number(year), month, Number(day)), [hour, minute, second]);
}

const UNIT_MS: { readonly [unit: string]: number } = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const RESETS = /^(?:x-ratelimit-reset(?:-[a-z-]+)?|anthropic-ratelimit-[a-z-]+-reset)$/;

// The limits that are used up end the wait together, so the longest counts. A reset without a count of what remains is
// taken as used up; Azure's -1 means unknown.
function longestReset(headers: Headers, nowMs: number | null): number | null {
  let longest: number | null = null;
  for (const [name, value] of headers) {
    if (!RESETS.test(name)) continue;
    const remaining = header(headers, name.replace('reset', 'remaining'));
    if (remaining !== undefined && decimal(remaining) !== 0) continue;
    const waitMs = waitOf(value, nowMs);
    if (waitMs !== null && (longest === null || waitMs > longest)) longest = waitMs;
  }
  return longest;
}

// Seconds, a duration, a date, or seconds or milliseconds since 1970 (OpenRouter), told apart by their size.
function waitOf(text: string, nowMs: number | null): number | null {
  const value = text.trim();
  const number = decimal(value);
  if (number !== null && number < 1e9) return Math.ceil(number * 1000);
  const at = number === null ? epochMs(value) : number < 1e12 ? number * 1000 : number;
  if (at === null) return durationMs(value);
  return nowMs === null ? null : Math.max(0, at - nowMs);
}

function decimal(text: string): number | null {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}

// Days from civil: https://howardhinnant.github.io/date_algorithms.html. Pure code has no calendar of its own.
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function timeMs(days: number, [hour, minute, second]: readonly (string | undefined)[]): number {
  return ((days * 24 + Number(hour)) * 60 + Number(minute)) * 60_000 + Number(second) * 1000;
}
