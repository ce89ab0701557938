import { compact, field, fieldAt, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { inputTotal, outputTotal, type Usage } from '../../spec/usage.ts';
import { tokenCount } from '../token-count.ts';

/**
 * The disjoint classes of a usage object of this wire. On the wire, cached, written and audio tokens are parts of
 * `prompt_tokens`, reasoning and audio parts of `completion_tokens`; where reasoning stands outside (xAI, Perplexity), or
 * is hidden in the total only (Google's OpenAI endpoint), the total tells. Null where there is no usage object.
 */
export function decodeUsage(json: Json | undefined, reasoningOutside: boolean): Usage | null {
  if (!isObject(json)) return null;
  const prompt = tokenCount(json['prompt_tokens']);
  const completion = tokenCount(json['completion_tokens']);
  if (prompt === null && completion === null) return null;
  const cacheRead = atMost(cachedTokens(json), prompt);
  const uncached = rest(prompt, cacheRead);
  const cacheWrite5m = atMost(
    tokenCount(fieldAt(json, 'prompt_tokens_details', 'cache_write_tokens')),
    uncached,
  );
  const audio = tokenCount(fieldAt(json, 'prompt_tokens_details', 'audio_tokens'));
  // Audio may be cached as well; the parts must not exceed the whole.
  const inputAudio = atMost(audio, rest(uncached, cacheWrite5m));
  const outputAudio = atMost(
    tokenCount(fieldAt(json, 'completion_tokens_details', 'audio_tokens')),
    completion,
  );
  const { reasoning, inside } = reasoningTokens(json, prompt, completion, reasoningOutside);
  return {
    input: rest(prompt, cacheRead, cacheWrite5m, inputAudio),
    inputAudio: known(inputAudio),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: null,
    output: rest(completion, inside, outputAudio),
    outputAudio: known(outputAudio),
    reasoning,
    webSearches:
      tokenCount(fieldAt(json, 'server_tool_use_details', 'web_search_requests')) ??
      tokenCount(json['num_search_queries']),
    source: 'reported',
  };
}

/** The usage object of this wire; null where nothing is known. */
export function encodeUsage(usage: Usage): JsonObject | null {
  const prompt = inputTotal(usage);
  const completion = outputTotal(usage);
  if (prompt === null && completion === null) return null;
  const write = plus(usage.cacheWrite5m, usage.cacheWrite1h);
  return compact({
    prompt_tokens: prompt ?? 0,
    completion_tokens: completion ?? 0,
    total_tokens: (prompt ?? 0) + (completion ?? 0),
    prompt_tokens_details: details({
      cached_tokens: usage.cacheRead,
      cache_write_tokens: write,
      audio_tokens: usage.inputAudio,
    }),
    completion_tokens_details: details({
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.outputAudio,
    }),
    server_tool_use_details: details({ web_search_requests: usage.webSearches }),
  });
}

/** Where a whole answer or a chunk keeps its usage: Groq also under `x_groq`, Moonshot on the choice. */
export function usageIn(json: Json): Json | undefined {
  const candidates = [
    field(json, 'usage'),
    fieldAt(json, 'x_groq', 'usage'),
    field(firstChoice(json), 'usage'),
  ];
  return candidates.find((candidate) => isObject(candidate));
}

function firstChoice(json: Json): Json | undefined {
  const choices = field(json, 'choices');
  return Array.isArray(choices) ? choices[0] : undefined;
}

// OpenAI and most; DeepSeek; Moonshot; Mistral.
function cachedTokens(json: JsonObject): number | null {
  return (
    tokenCount(fieldAt(json, 'prompt_tokens_details', 'cached_tokens')) ??
    tokenCount(json['prompt_cache_hit_tokens']) ??
    tokenCount(json['cached_tokens']) ??
    tokenCount(json['num_cached_tokens'])
  );
}

interface Reasoning {
  readonly reasoning: number | null;
  /** The part of it that `completion_tokens` includes. */
  readonly inside: number | null;
}

function reasoningTokens(
  json: JsonObject,
  prompt: number | null,
  completion: number | null,
  outside: boolean,
): Reasoning {
  const told =
    tokenCount(fieldAt(json, 'completion_tokens_details', 'reasoning_tokens')) ??
    tokenCount(json['reasoning_tokens']);
  const total = tokenCount(json['total_tokens']);
  const unexplained = total === null ? null : total - (prompt ?? 0) - (completion ?? 0);
  if (told === null || told === 0) {
    const hidden = unexplained !== null && unexplained > 0 ? unexplained : null;
    return { reasoning: hidden ?? told, inside: null };
  }
  // The total is the witness where it is given; a provider's habit is only asked where it is not.
  if (unexplained === null ? outside : unexplained >= told) return { reasoning: told, inside: null };
  const inside = atMost(told, completion);
  return { reasoning: inside, inside };
}

function atMost(part: number | null, whole: number | null): number | null {
  return part === null || whole === null ? part : Math.min(part, whole);
}

function rest(whole: number | null, ...parts: readonly (number | null)[]): number | null {
  if (whole === null) return null;
  let left = whole;
  for (const part of parts) left -= part ?? 0;
  return Math.max(0, left);
}

// Most models have no audio and say 0; that is not worth a class of its own.
function known(part: number | null): number | null {
  return part === 0 ? null : part;
}

function plus(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}

function details(parts: { readonly [name: string]: number | null }): JsonObject | undefined {
  const told = Object.entries(parts).filter(([, value]) => value !== null);
  return told.length === 0 ? undefined : Object.fromEntries(told);
}
