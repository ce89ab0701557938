import { isArray, isObject, parseJsonOr, type Json } from '../base/json.ts';
import type { ReasoningPart, ToolCallPart } from '../spec/generate.ts';
import type { Draft } from './answer/draft.ts';
import type { Traits } from './models.ts';

/** Signs a text with the simulator's secret; lower-case hexadecimal. */
export type Sign = (text: string) => string;

/** How one wire signs the state that it demands back. */
export interface Seal {
  /** The reasoning of an answer, signed where the wire does so. */
  reasoning(text: string): ReasoningPart;
  /** The draft of an answer with its tool calls signed where the wire or the model does so. */
  draft(draft: Draft, reasoning: string | null): Draft;
}

/** Signs nothing but, for models that want reasoning back, binds it into the ids of tool calls. */
export function chatSeal(sign: Sign, traits: Traits): Seal {
  return {
    reasoning: (text) => ({ type: 'reasoning', text }),
    draft: (draft, reasoning) => {
      if (!traits.echoesReasoning || reasoning === null) return draft;
      return mapCalls(draft, (call, index) => ({ ...call, id: boundCallId(sign, reasoning, index) }));
    },
  };
}

/** Signs thinking blocks, as Anthropic does. */
export function messagesSeal(sign: Sign, origin: string): Seal {
  return {
    reasoning: (text) => ({
      type: 'reasoning',
      text,
      opaque: { origin, value: thinkingSignature(sign, text) },
    }),
    draft: (draft) => mapCalls(draft, (call) => ({ ...call, id: call.id.replace(/^call_/, 'toolu_01') })),
  };
}

/** Signs the first function call of a turn, as Gemini 3 does. */
export function contentsSeal(sign: Sign, origin: string, traits: Traits): Seal {
  return {
    reasoning: (text) => ({ type: 'reasoning', text }),
    draft: (draft) => {
      if (!traits.signsCalls) return draft;
      return mapCalls(draft, (call, index) =>
        index > 0
          ? call
          : {
              ...call,
              opaque: { origin, value: callSignature(sign, call.name, parseJsonOr(call.arguments, null)) },
            },
      );
    },
  };
}

/** The signature of a thinking block with this text. */
export function thinkingSignature(sign: Sign, text: string): string {
  return sign(`thinking/${text}`);
}

/** The signature of a function call; the order of the arguments does not matter. */
export function callSignature(sign: Sign, name: string, args: Json): string {
  return sign(`call/${name}/${JSON.stringify(sorted(args))}`);
}

/** The id of a tool call to which this reasoning led. */
export function boundCallId(sign: Sign, reasoning: string, index: number): string {
  return `call_${index}_${sign(`reasoning/${reasoning}`).slice(0, 20)}`;
}

/** The form of ids that `boundCallId` makes. */
export const BOUND_CALL_ID = /^call_(\d+)_[0-9a-f]{20}$/;

function mapCalls(draft: Draft, change: (call: ToolCallPart, index: number) => ToolCallPart): Draft {
  return draft.type === 'calls' ? { type: 'calls', calls: draft.calls.map(change) } : draft;
}

function sorted(value: Json): Json {
  if (isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => [key, sorted(item ?? null)]),
  );
}
