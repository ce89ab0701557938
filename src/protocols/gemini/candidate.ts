import { asArray, asString, compact, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { AssistantPart, NativeValue } from '../../spec/generate.ts';
import { GEMINI } from './id.ts';
import { camelObject, leftover } from './wire.ts';

/** An answer's body, read once: the first candidate and what stands beside it. */
export interface Answer {
  readonly id: string | null;
  readonly model: string | null;
  readonly candidate: JsonObject | null;
  readonly parts: readonly JsonObject[];
  readonly finishReason: string | null;
  readonly blockReason: string | null;
}

/** Reads the fixed frame of an answer or of one event of a stream. */
export function readAnswer(body: JsonObject): Answer {
  const first = asArray(body['candidates'])[0];
  const candidate = isObject(first) ? first : null;
  const finish = field(candidate ?? undefined, 'finishReason');
  return {
    id: asString(body['responseId']) ?? null,
    model: asString(body['modelVersion']) ?? null,
    candidate,
    parts: asArray(field(field(first, 'content'), 'parts')).filter((part) => isObject(part)),
    // Clients of `enum-encoding=int` get numbers (recorded); FINISH_REASON_UNSPECIFIED is no reason.
    finishReason: typeof finish === 'number' ? String(finish) : (asString(finish) ?? null),
    blockReason: candidate === null ? (asString(field(body['promptFeedback'], 'blockReason')) ?? null) : null,
  };
}

/** Sources of the text, as this wire gives them for the whole candidate; null where there are none. */
export function citationsOf(candidate: JsonObject | null): NativeValue | null {
  if (candidate === null) return null;
  const value = compact({
    groundingMetadata: candidate['groundingMetadata'],
    citationMetadata: candidate['citationMetadata'],
  });
  return Object.keys(value).length === 0 ? null : { origin: GEMINI, value };
}

/** Fields of the answer that our language has no word for, in their places; undefined where there are none. */
export function answerExtras(body: JsonObject, answer: Answer): JsonObject | undefined {
  const top = leftover(body, ['candidates', 'usageMetadata', 'modelVersion', 'responseId']);
  const first = answer.candidate === null ? undefined : leftover(answer.candidate, CANDIDATE_FIELDS);
  const others = asArray(body['candidates']).slice(1);
  const candidates: Json | undefined =
    first === undefined && others.length === 0 ? undefined : [first ?? {}, ...others];
  return top === undefined && candidates === undefined ? undefined : compact({ ...top, candidates });
}

/** The parts with the candidate's sources on the last text; unchanged where there is no text to carry them. */
export function withCitations(
  parts: readonly AssistantPart[],
  citations: NativeValue | null,
): readonly AssistantPart[] {
  const at = parts.findLastIndex((part) => part.type === 'text');
  const text = parts[at];
  if (citations === null || text?.type !== 'text') return parts;
  return parts.with(at, { ...text, citations });
}

/** The sources that a text of this wire carries, as fields of a candidate. */
export function citationFields(parts: readonly AssistantPart[]): JsonObject {
  for (const part of parts) {
    if (part.type === 'text' && part.citations?.origin === GEMINI) return camelObject(part.citations.value);
  }
  return {};
}

const CANDIDATE_FIELDS = ['content', 'finishReason', 'groundingMetadata', 'citationMetadata'];
