import { asArray, compact, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { inputTotal, outputTotal, UNKNOWN_USAGE, type Usage } from '../../spec/usage.ts';
import { tokenCount } from '../token-count.ts';

/**
 * Usage from `usageMetadata`; null where it counts nothing yet (Vertex sends only `trafficType` at first).
 *
 * total = prompt + candidates + thoughts + toolUsePrompt, in 800 of 800 recordings: thoughts are outside candidates,
 * prompts of built-in tools outside the prompt, cached tokens inside it. Absent is 0 in proto3 JSON.
 */
export function decodeUsage(metadata: Json | undefined): Usage | null {
  if (!isObject(metadata)) return null;
  const prompt = tokenCount(metadata['promptTokenCount']);
  const total = tokenCount(metadata['totalTokenCount']);
  if (prompt === null && total === null) return null;
  const cacheRead = zeroOr(metadata['cachedContentTokenCount']);
  const toolPrompt = zeroOr(metadata['toolUsePromptTokenCount']);
  const reasoning = zeroOr(metadata['thoughtsTokenCount']);
  const rest = minus(total, (prompt ?? 0) + toolPrompt + reasoning);
  const candidates = tokenCount(metadata['candidatesTokenCount']) ?? rest;
  const cachedAudio = audioOf(metadata['cacheTokensDetails']) ?? 0;
  const inputAudio = minus(audioOf(metadata['promptTokensDetails']), cachedAudio);
  const outputAudio = audioOf(metadata['candidatesTokensDetails']);
  return {
    ...UNKNOWN_USAGE,
    input: minus((prompt ?? 0) + toolPrompt, cacheRead + (inputAudio ?? 0)),
    inputAudio,
    cacheRead,
    output: minus(candidates, outputAudio ?? 0),
    outputAudio,
    reasoning,
  };
}

/** Usage as `usageMetadata`. */
export function encodeUsage(usage: Usage): JsonObject {
  const input = inputTotal(usage);
  const output = outputTotal(usage);
  const visible = outputTotal({ ...usage, reasoning: null });
  return compact({
    promptTokenCount: input ?? undefined,
    cachedContentTokenCount: usage.cacheRead ?? undefined,
    candidatesTokenCount: visible ?? undefined,
    thoughtsTokenCount: usage.reasoning ?? undefined,
    totalTokenCount: input === null && output === null ? undefined : (input ?? 0) + (output ?? 0),
    promptTokensDetails: detailsOf(usage.inputAudio, input),
    candidatesTokensDetails: detailsOf(usage.outputAudio, visible),
  });
}

/** Usage with the searches that the answer's grounding names; Google bills them one by one. */
export function withSearches(usage: Usage, grounding: Json | undefined): Usage {
  const queries = asArray(field(grounding, 'webSearchQueries')).length;
  return queries === 0 ? usage : { ...usage, webSearches: queries };
}

function zeroOr(value: Json | undefined): number {
  return tokenCount(value) ?? 0;
}

// Tokens of sound among the details; null where there are no details.
function audioOf(details: Json | undefined): number | null {
  const entries = asArray(details);
  if (entries.length === 0) return null;
  let tokens = 0;
  for (const entry of entries) {
    if (field(entry, 'modality') === 'AUDIO') tokens += tokenCount(field(entry, 'tokenCount')) ?? 0;
  }
  return tokens;
}

function detailsOf(audio: number | null, total: number | null): Json | undefined {
  if (audio === null || total === null) return undefined;
  const sound: Json[] = audio === 0 ? [] : [{ modality: 'AUDIO', tokenCount: audio }];
  return [{ modality: 'TEXT', tokenCount: total - audio }, ...sound];
}

// Never below 0: providers' parts do not always fit their totals.
function minus(count: number | null, less: number): number | null {
  return count === null ? null : Math.max(0, count - less);
}
