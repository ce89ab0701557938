/**
 * Tokens of one call by class. The classes are disjoint: no token is counted in two of them, so that cost is a sum of
 * products. `null` means unknown, which is never the same as 0. Providers' own totals are rebuilt by `inputTotal`
 * and `outputTotal`. The differences between the wires are those of the providers' usage documentation and are undone
 * in each protocol's codec, nowhere else.
 */
export interface Usage {
  /** Input tokens that were neither read from nor written to a prompt cache; text and everything without a class of its own. */
  readonly input: number | null;
  readonly inputAudio: number | null;
  readonly cacheRead: number | null;
  /** Written to the cache with a lifetime of five minutes, or with a lifetime that the provider does not tell. */
  readonly cacheWrite5m: number | null;
  readonly cacheWrite1h: number | null;
  /** Output tokens without `reasoning` and `outputAudio`, where the provider tells them apart. */
  readonly output: number | null;
  readonly outputAudio: number | null;
  readonly reasoning: number | null;
  /** Searches that the provider ran and bills one by one. */
  readonly webSearches: number | null;
  /** Who counted: the provider, or this gateway where the provider did not. */
  readonly source: 'reported' | 'estimated';
}

/** The token classes in which usage is counted and priced. */
export const USAGE_CLASSES = [
  'input',
  'inputAudio',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'output',
  'outputAudio',
  'reasoning',
  'webSearches',
] as const;
/** One of them. */
export type UsageClass = (typeof USAGE_CLASSES)[number];

/** Usage of which nothing is known. */
export const UNKNOWN_USAGE: Usage = {
  input: null,
  inputAudio: null,
  cacheRead: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
  output: null,
  outputAudio: null,
  reasoning: null,
  webSearches: null,
  source: 'reported',
};

/** All input tokens, cached or not; null where none of the input classes is known. */
export function inputTotal(usage: Usage): number | null {
  return sum(usage.input, usage.inputAudio, usage.cacheRead, usage.cacheWrite5m, usage.cacheWrite1h);
}

/** All output tokens, visible or not; null where none of the output classes is known. */
export function outputTotal(usage: Usage): number | null {
  return sum(usage.output, usage.outputAudio, usage.reasoning);
}

/** The later of two reports of the same call: providers repeat and correct their counters, so the last known value wins. */
export function laterUsage(earlier: Usage, later: Usage): Usage {
  return {
    input: later.input ?? earlier.input,
    inputAudio: later.inputAudio ?? earlier.inputAudio,
    cacheRead: later.cacheRead ?? earlier.cacheRead,
    cacheWrite5m: later.cacheWrite5m ?? earlier.cacheWrite5m,
    cacheWrite1h: later.cacheWrite1h ?? earlier.cacheWrite1h,
    output: later.output ?? earlier.output,
    outputAudio: later.outputAudio ?? earlier.outputAudio,
    reasoning: later.reasoning ?? earlier.reasoning,
    webSearches: later.webSearches ?? earlier.webSearches,
    source: later.source,
  };
}

function sum(...counts: readonly (number | null)[]): number | null {
  let total: number | null = null;
  for (const count of counts) {
    if (count !== null) total = (total ?? 0) + count;
  }
  return total;
}

/** Usage of several calls together; a class is unknown only where it is unknown in all of them. */
export function addUsage(a: Usage | null, b: Usage | null): Usage | null {
  if (a === null || b === null) return a ?? b;
  return {
    input: sum(a.input, b.input),
    inputAudio: sum(a.inputAudio, b.inputAudio),
    cacheRead: sum(a.cacheRead, b.cacheRead),
    cacheWrite5m: sum(a.cacheWrite5m, b.cacheWrite5m),
    cacheWrite1h: sum(a.cacheWrite1h, b.cacheWrite1h),
    output: sum(a.output, b.output),
    outputAudio: sum(a.outputAudio, b.outputAudio),
    reasoning: sum(a.reasoning, b.reasoning),
    webSearches: sum(a.webSearches, b.webSearches),
    source: a.source === 'estimated' ? a.source : b.source,
  };
}
