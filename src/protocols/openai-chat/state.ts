import {
  asNumber,
  asString,
  compact,
  field,
  fieldAt,
  isObject,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { OpaqueState, ReasoningPart } from '../../spec/generate.ts';
import { GEMINI } from '../gemini/id.ts';
import { unwrapOpaque, wrapOpaque } from '../opaque.ts';
import { OPENAI_CHAT } from './id.ts';

/**
 * How signed state travels over this wire, which has no field of its own for it. Reasoning: `reasoning_details`, a list of
 * `reasoning.text` (with `signature`), `reasoning.summary` and `reasoning.encrypted` (with `data`), as OpenRouter defined
 * it. Tool calls and text: `extra_content`, as Google's OpenAI endpoint defined it. State of other wires is wrapped
 * (`gw1.<origin>...`), so that a client which sends back what it got brings it home whole.
 */

/** The details of an assistant's reasoning; none where nothing is signed and plain reasoning says it all. */
export function reasoningDetails(
  parts: readonly { readonly part: ReasoningPart; readonly index: number }[],
): readonly Json[] {
  if (!parts.some(({ part }) => part.opaque !== undefined)) return [];
  return parts.flatMap(({ part, index }) => detailsOf(part, index));
}

/** Reasoning read from details; `index` is its place among the parts of the turn, null where details do not tell. */
export interface PlacedReasoning {
  readonly part: ReasoningPart;
  readonly index: number | null;
}

/** The reasoning that a list of details holds: ours part by part, a provider's own as one part with all of its state. */
export function readDetails(details: readonly Json[]): readonly PlacedReasoning[] {
  const result: PlacedReasoning[] = [];
  let native: Json[] = [];
  const flush = (): void => {
    if (native.length > 0) result.push({ part: nativeReasoning(native), index: null });
    native = [];
  };
  for (const detail of details) {
    const own = ownReasoning(detail);
    if (own === null) {
      native.push(detail);
    } else {
      flush();
      result.push(own);
    }
  }
  flush();
  return result;
}

/** The details behind reasoning whose state this wire made; null where another wire made it. */
export function nativeDetails(state: OpaqueState): readonly Json[] | null {
  if (state.origin !== OPENAI_CHAT) return null;
  const value = parseJsonOr(state.value, null);
  return Array.isArray(value) ? value : null;
}

/** `extra_content` of a tool call or a message that carries this state. */
export function extraContent(state: OpaqueState): JsonObject {
  const signature = state.origin === GEMINI ? state.value : wrapOpaque(state);
  return { google: { thought_signature: signature } };
}

/** The state in the `extra_content` of a tool call or a message; undefined where there is none. */
export function readExtraContent(holder: Json | undefined): OpaqueState | undefined {
  const signature = asString(fieldAt(holder, 'extra_content', 'google', 'thought_signature'));
  if (signature === undefined || signature === '') return undefined;
  return unwrapOpaque(signature) ?? { origin: GEMINI, value: signature };
}

/** Details of a stream so far, put together by their index: texts grow, everything else is set. */
export function mergeDetails(known: readonly JsonObject[], pieces: readonly Json[]): readonly JsonObject[] {
  const result = [...known];
  for (const piece of pieces) {
    if (!isObject(piece)) continue;
    const at = result.findIndex(
      (detail) => detail['type'] === piece['type'] && detail['index'] === piece['index'],
    );
    const before = result[at];
    if (before === undefined) result.push(piece);
    else result[at] = { ...before, ...filled(piece), ...grown(before, piece) };
  }
  return result;
}

/** The readable text of details, for providers that give it nowhere else. */
export function textOfDetails(details: readonly Json[]): string {
  return details
    .map((detail) => asString(field(detail, 'text')) ?? asString(field(detail, 'summary')) ?? '')
    .join('');
}

/** Whether details hold state that must be sent back, and not only text. */
export function isSigned(details: readonly Json[]): boolean {
  return details.some(
    (detail) =>
      filledText(field(detail, 'signature')) !== undefined || filledText(field(detail, 'data')) !== undefined,
  );
}

// Marks our own details; other software shows it and sends it back, and nothing else does.
const FORMAT = 'gw1';
const GROWING = ['text', 'summary', 'data', 'signature'] as const;

function detailsOf(part: ReasoningPart, index: number): readonly Json[] {
  if (part.opaque !== undefined) {
    const native = nativeDetails(part.opaque);
    if (native !== null) return native;
  }
  const wrapped = part.opaque === undefined ? undefined : wrapOpaque(part.opaque);
  if (part.text === null)
    return [compact({ type: 'reasoning.encrypted', data: wrapped, format: FORMAT, index })];
  return [compact({ type: 'reasoning.text', text: part.text, signature: wrapped, format: FORMAT, index })];
}

function ownReasoning(detail: Json): PlacedReasoning | null {
  if (field(detail, 'format') !== FORMAT) return null;
  const text = asString(field(detail, 'text')) ?? null;
  const wrapped = asString(field(detail, 'signature')) ?? asString(field(detail, 'data'));
  const opaque = wrapped === undefined ? null : unwrapOpaque(wrapped);
  const index = asNumber(field(detail, 'index')) ?? null;
  return { part: { type: 'reasoning', text, ...(opaque === null ? {} : { opaque }) }, index };
}

function nativeReasoning(details: readonly Json[]): ReasoningPart {
  const text = textOfDetails(details);
  const part: ReasoningPart = { type: 'reasoning', text: text === '' ? null : text };
  if (!isSigned(details)) return part;
  return { ...part, opaque: { origin: OPENAI_CHAT, value: JSON.stringify(details) } };
}

function filled(piece: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(piece).filter(([, value]) => value !== null && value !== undefined),
  );
}

function grown(before: JsonObject, piece: JsonObject): JsonObject {
  const result: { [key: string]: Json } = {};
  for (const key of GROWING) {
    const a = filledText(before[key]);
    const b = filledText(piece[key]);
    if (a !== undefined && b !== undefined) result[key] = a + b;
    else if (a !== undefined) result[key] = a;
  }
  return result;
}

function filledText(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
