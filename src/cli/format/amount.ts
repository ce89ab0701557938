import { formatDecimal } from '../../base/decimal.ts';

/** A duration for people: `0.8 ms`, `340 ms`, `2.4 s`, `3 min 5 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A number of tokens for people: `900`, `128k`, `1.05M`. */
export function tokens(count: number | null): string {
  if (count === null) return '?';
  if (count < 1_000) return String(count);
  if (count < 1_000_000) return `${trimmed(count / 1_000, count < 10_000 ? 1 : 0)}k`;
  return `${trimmed(count / 1_000_000, 2)}M`;
}

/** A rate in picodollars per token as dollars per million tokens: `$0.15`. */
export function rate(picodollarsPerToken: number | null): string {
  return picodollarsPerToken === null ? '?' : `$${formatDecimal(BigInt(picodollarsPerToken), 6, 2)}`;
}

/** An exact amount in dollars, as headers and the admin API carry it, for people: `$0.00042`. */
export function usd(text: string | null): string {
  return text === null ? 'cost unknown' : `$${text}`;
}

/** A number with its noun: `1 model`, `3 models`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** A point in time for people, in the zone of the machine: `2026-11-21 20:43:47`. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function trimmed(value: number, places: number): string {
  return String(Number(value.toFixed(places)));
}
