const UNIT_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads a span of time as people type it (`90s`, `15m`, `12h`, `1.5d`; a bare number is seconds) in milliseconds, or null. */
export function readTimeSpan(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?$/.exec(text.trim());
  if (match === null) return null;
  return Number(match[1]) * (UNIT_MS[match[2] ?? 's'] ?? 0);
}

/** Writes a span in the largest units that lose nothing: `12h`, `1h30m`, `45s`. Below a second it is `0s`. */
export function timeSpanText(ms: number): string {
  let left = Math.floor(ms / 1000);
  const parts: string[] = [];
  for (const [unit, seconds] of WRITTEN) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.length === 0 ? '0s' : parts.join('');
}

const WRITTEN: readonly (readonly [unit: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];
