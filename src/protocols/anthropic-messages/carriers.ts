import { asString, field, type JsonObject } from '../../base/json.ts';
import type { AssistantPart, OpaqueState } from '../../spec/generate.ts';
import { unwrapOpaque, wrapOpaque } from '../opaque.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { decodeCallId, encodeCallId } from './names.ts';

/**
 * How a client of this wire carries signed state that other wires attach where this one has no field.
 *
 * Reasoning has a field: a foreign state is wrapped (`wrapOpaque`) into `signature`, or into the `data` of a redacted block.
 * Text and tool calls have none, so the state travels in a `redacted_thinking` block of its own, a *carrier*, which clients
 * must send back unread: `gw1call.<call id>.<wrapped>` names its call and stands before it, so neither reordering nor a
 * second signed call can mix them up; `gw1text.<wrapped>` belongs to the text block before it; `gw1tail.<wrapped>` is an
 * empty text of its own (Gemini signs an empty text at the end of a stream).
 */
export type Carrier =
  | { readonly type: 'call-state'; readonly callId: string; readonly state: OpaqueState }
  | { readonly type: 'text-state'; readonly state: OpaqueState }
  | { readonly type: 'empty-text-state'; readonly state: OpaqueState };

/** The carrier block of a tool call's state. */
export function callCarrier(callId: string, state: OpaqueState): JsonObject {
  return { type: 'redacted_thinking', data: `${CALL}${encodeCallId(callId)}.${wrapOpaque(state)}` };
}

/** The carrier block of a text's state. */
export function textCarrier(state: OpaqueState): JsonObject {
  return { type: 'redacted_thinking', data: TEXT + wrapOpaque(state) };
}

/** The carrier block of the state of a text that has no words. */
export function emptyTextCarrier(state: OpaqueState): JsonObject {
  return { type: 'redacted_thinking', data: EMPTY_TEXT + wrapOpaque(state) };
}

/** What a `redacted_thinking` block carries; null where it is the provider's own. */
export function decodeCarrier(block: JsonObject): Carrier | null {
  if (field(block, 'type') !== 'redacted_thinking') return null;
  const data = asString(field(block, 'data')) ?? '';
  if (data.startsWith(TEXT)) return carried('text-state', data.slice(TEXT.length));
  if (data.startsWith(EMPTY_TEXT)) return carried('empty-text-state', data.slice(EMPTY_TEXT.length));
  if (!data.startsWith(CALL)) return null;
  const dot = data.indexOf('.', CALL.length);
  const state = dot < 0 ? null : unwrapOpaque(data.slice(dot + 1));
  return state === null
    ? null
    : { type: 'call-state', callId: decodeCallId(data.slice(CALL.length, dot)), state };
}

/** Gives the carried states back to the text and the calls that they belong to. */
export function applyCarriers(parts: readonly (AssistantPart | Carrier)[]): readonly AssistantPart[] {
  const states = new Map<string, OpaqueState>();
  const result: AssistantPart[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'call-state':
        states.set(part.callId, part.state);
        break;
      case 'empty-text-state':
        result.push({ type: 'text', text: '', opaque: part.state });
        break;
      case 'text-state':
        attachToText(result, part.state);
        break;
      default:
        result.push(part);
    }
  }
  return states.size === 0 ? result : result.map((part) => withState(part, states));
}

/** The text of a signature towards a client: this wire's own as it is, foreign state wrapped. */
export function signatureOf(state: OpaqueState): string {
  return state.origin === ANTHROPIC_MESSAGES ? state.value : wrapOpaque(state);
}

/** The state behind a signature that a client sent back or a provider gave; undefined where it is empty. */
export function stateOf(signature: string | undefined): OpaqueState | undefined {
  if (signature === undefined || signature === '') return undefined;
  return unwrapOpaque(signature) ?? { origin: ANTHROPIC_MESSAGES, value: signature };
}

const CALL = 'gw1call.';
const TEXT = 'gw1text.';
const EMPTY_TEXT = 'gw1tail.';

function carried(type: 'text-state' | 'empty-text-state', wrapped: string): Carrier | null {
  const state = unwrapOpaque(wrapped);
  return state === null ? null : { type, state };
}

// A client may have dropped the text; the state then still comes through, on an empty one.
function attachToText(parts: AssistantPart[], opaque: OpaqueState): void {
  const last = parts.at(-1);
  if (last?.type === 'text') parts[parts.length - 1] = { ...last, opaque };
  else parts.push({ type: 'text', text: '', opaque });
}

function withState(part: AssistantPart, states: ReadonlyMap<string, OpaqueState>): AssistantPart {
  if (part.type !== 'tool-call') return part;
  const opaque = states.get(part.id);
  return opaque === undefined ? part : { ...part, opaque };
}
