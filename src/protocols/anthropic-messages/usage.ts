import {
  asArray,
  asString,
  compact,
  fieldAt,
  isObject,
  setOwn,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import { outputTotal, type Usage } from '../../spec/usage.ts';
import { tokenCount } from '../token-count.ts';

/**
 * Usage from the API's counters, with the iterations that they leave out: what the provider spent on compacting the context
 * or on an advisor is billed and stands only in `usage.iterations` (seen in all eight recordings that have such iterations).
 * An advisor's tokens are another model's; counting them as this model's is nearer to the bill than not at all.
 */
export function decodeUsage(usage: Json | undefined): Usage {
  let total = decodeCounters(usage);
  for (const iteration of asArray(fieldAt(usage, 'iterations'))) {
    if (LEFT_OUT.has(asString(fieldAt(iteration, 'type')) ?? ''))
      total = plus(total, decodeCounters(iteration));
  }
  return total;
}

const LEFT_OUT: ReadonlySet<string> = new Set(['compaction', 'advisor_message']);

/**
 * One set of counters. `input_tokens` leaves cached tokens out, `output_tokens` includes thinking. The total of
 * cache writes decides; its breakdown by lifetime only says which part lives for an hour.
 */
function decodeCounters(usage: Json | undefined): Usage {
  const written = count(usage, 'cache_creation_input_tokens');
  const hour = count(usage, 'cache_creation', 'ephemeral_1h_input_tokens');
  const minutes = count(usage, 'cache_creation', 'ephemeral_5m_input_tokens');
  const cacheWrite1h = hour === null ? null : Math.min(hour, written ?? hour);
  const output = count(usage, 'output_tokens');
  const reasoning = count(usage, 'output_tokens_details', 'thinking_tokens');
  return {
    input: count(usage, 'input_tokens'),
    inputAudio: null,
    cacheRead: count(usage, 'cache_read_input_tokens'),
    cacheWrite5m: written === null ? minutes : written - (cacheWrite1h ?? 0),
    cacheWrite1h,
    output: output === null || reasoning === null ? output : Math.max(0, output - reasoning),
    outputAudio: null,
    reasoning,
    webSearches: count(usage, 'server_tool_use', 'web_search_requests'),
    source: 'reported',
  };
}

/** The counters of a stream after a later event: they are cumulative, so what the later one tells replaces the earlier. */
export function mergeCounters(earlier: JsonObject, later: Json | undefined): JsonObject {
  if (!isObject(later)) return earlier;
  const merged: { [key: string]: Json } = {};
  for (const source of [earlier, later]) {
    for (const key of Object.keys(source)) {
      const value = source[key];
      if (value !== undefined && value !== null) setOwn(merged, key, value);
    }
  }
  return merged;
}

/** What is said for counters that the API always has, where the provider did not count. */
export interface Uncounted {
  readonly inputTokensEstimate: number;
  /** Characters of the answer so far. */
  readonly outputChars: number;
}

/** Nobody is told that an answer cost nothing because its provider did not say what. */
const CHARS_PER_TOKEN = 4;

/** The API's counters of a usage; unknown cache counters are null, and unknown input and output are estimates. */
export function encodeUsage(usage: Usage, { inputTokensEstimate, outputChars }: Uncounted): JsonObject {
  return compact({
    input_tokens: sum(usage.input, usage.inputAudio) ?? inputTokensEstimate,
    cache_creation_input_tokens: sum(usage.cacheWrite5m, usage.cacheWrite1h),
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: encodeCacheWrites(usage),
    output_tokens: outputTotal(usage) ?? Math.ceil(outputChars / CHARS_PER_TOKEN),
    output_tokens_details: usage.reasoning === null ? undefined : { thinking_tokens: usage.reasoning },
    server_tool_use: usage.webSearches === null ? undefined : { web_search_requests: usage.webSearches },
  });
}

function encodeCacheWrites({ cacheWrite5m, cacheWrite1h }: Usage): JsonObject | undefined {
  if (cacheWrite1h === null) return undefined;
  return { ephemeral_5m_input_tokens: cacheWrite5m ?? 0, ephemeral_1h_input_tokens: cacheWrite1h };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null ? b : a + (b ?? 0);
}

function plus(a: Usage, b: Usage): Usage {
  return {
    ...a,
    input: sum(a.input, b.input),
    cacheRead: sum(a.cacheRead, b.cacheRead),
    cacheWrite5m: sum(a.cacheWrite5m, b.cacheWrite5m),
    cacheWrite1h: sum(a.cacheWrite1h, b.cacheWrite1h),
    output: sum(a.output, b.output),
    reasoning: sum(a.reasoning, b.reasoning),
  };
}

function count(usage: Json | undefined, ...path: readonly string[]): number | null {
  return tokenCount(fieldAt(usage, ...path));
}
