import type { Json, JsonObject } from '../base/json.ts';
import type { Usage } from './usage.ts';

/**
 * The shared language of all wires for one operation: generate the next turn of a conversation. A conversation is an
 * ordered list of messages of ordered parts; it is closest to Anthropic's blocks because chat is the poorest wire.
 * A field that is missing was not given; `null` never stands for that.
 */
export interface GenerateRequest {
  /** The name the client asked for; which upstream model that means is decided by routing. */
  readonly model: string;
  readonly stream: boolean;
  /** Leading system messages are the system prompt; a later one keeps its place. */
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  /** Upper bound of generated tokens, reasoning included. */
  readonly maxOutputTokens?: number;
  /** On the scale 0 to 2 of OpenAI and Gemini; Anthropic's ends at 1. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly logitBias?: JsonObject;
  /** Ask for log probabilities of the output, with this many alternatives per token. */
  readonly logprobs?: { readonly top: number };
  /** Number of answers wanted; more than one is only served where both sides speak the same wire. */
  readonly candidates?: number;
  readonly reasoning?: ReasoningSettings;
  readonly output?: OutputFormat;
  /** An opaque id of the end user, for the provider's abuse detection. */
  readonly userId?: string;
  readonly metadata?: { readonly [key: string]: string };
  readonly serviceTier?: string;
  /** A hint under which the provider may find a cached prefix again. */
  readonly cacheKey?: string;
  /** Whether the client wants usage at the end of a stream (only chat makes that a choice). */
  readonly streamUsage?: boolean;
  /** Fields that this language has no word for, by wire of origin: kept for targets of the same wire, warned about elsewhere. */
  readonly extras?: Extras;
}

/** Fields of one wire, kept for targets of the same wire. */
export interface Extras {
  /** Id of the protocol whose fields these are. */
  readonly origin: string;
  readonly fields: JsonObject;
}

/**
 * `tool` messages hold nothing but tool results; on wires where those are part of a user turn the codec splits and
 * merges. Codecs merge neighbours of the same role where a wire demands alternation.
 */
export type Message =
  | { readonly role: 'system'; readonly parts: readonly TextPart[] }
  | {
      readonly role: 'user';
      readonly parts: readonly (TextPart | MediaPart | NativePart)[];
      readonly name?: string;
    }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[]; readonly name?: string }
  | { readonly role: 'tool'; readonly parts: readonly ToolResultPart[] };

/** A part of what the model says. */
export type AssistantPart = TextPart | RefusalPart | ReasoningPart | ToolCallPart | MediaPart | NativePart;
/** A part of any message. */
export type Part = AssistantPart | ToolResultPart;

/** The prefix up to and including the part that carries it may be cached for this long. */
export interface CacheHint {
  readonly ttl: '5m' | '1h';
}

/** Words. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly cache?: CacheHint;
  /** Sources of the text, in the shape of the wire they came from. */
  readonly citations?: NativeValue;
  /** Signed state that the provider attached to the text and wants back (Gemini). */
  readonly opaque?: OpaqueState;
}

/** The model declined, in words of its own. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

/** An image, a document, a recording or a film. */
export interface MediaPart {
  readonly type: 'media';
  /** IANA media type; `image/*` and the like where only the kind is known (a URL). */
  readonly mediaType: string;
  readonly source: MediaSource;
  readonly fileName?: string;
  readonly detail?: 'low' | 'high' | 'auto';
  readonly cache?: CacheHint;
  /** Document particulars of Anthropic (title, context, citations) and the like. */
  readonly extra?: NativeValue;
}

/** Where the bytes of media are. */
export type MediaSource =
  | { readonly type: 'base64'; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  /** A plain-text document given inline. */
  | { readonly type: 'text'; readonly text: string }
  /** A file uploaded to the provider of the wire named by `origin`. */
  | { readonly type: 'file'; readonly fileId: string; readonly origin: string };

/** What the model thought. `opaque` is state that its provider signed and demands back unaltered. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  /** Null where the provider shows only signed state (redacted or encrypted). */
  readonly text: string | null;
  readonly opaque?: OpaqueState;
}

/** Signed or encrypted state and the wire it came from; it means nothing anywhere else. */
export interface OpaqueState {
  /** Id of the protocol that made it. */
  readonly origin: string;
  readonly value: string;
}

/** The model wants a tool to be called. */
export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** The arguments exactly as the model wrote them: JSON text, possibly broken; empty for none. */
  readonly arguments: string;
  readonly opaque?: OpaqueState;
  readonly cache?: CacheHint;
}

/** What a tool gave. */
export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly callId: string;
  /** The tool's name where the wire tells it (Gemini keys on it). */
  readonly name?: string;
  readonly parts: readonly (TextPart | MediaPart | NativePart)[];
  readonly isError: boolean;
  readonly cache?: CacheHint;
}

/** A block that only its own wire understands (server tools, search results), kept as it came. */
export interface NativePart extends NativeValue {
  readonly type: 'native';
}

/** JSON that means something on one wire only. */
export interface NativeValue {
  /** Id of the protocol whose JSON this is. */
  readonly origin: string;
  readonly value: Json;
}

/** A tool that the model may use. */
export type Tool = FunctionTool | NativeTool;

/** A tool that the client runs. */
export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments, an object schema. */
  readonly inputSchema: JsonObject;
  /** Whether the provider must keep the arguments to the schema. */
  readonly strict?: boolean;
  readonly cache?: CacheHint;
}

/** A tool that the provider runs itself or that only its wire knows. */
export interface NativeTool extends NativeValue {
  readonly type: 'native';
  readonly name: string;
}

/** Whether the model may, must or must not call tools. */
export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required' }
  | { readonly type: 'tool'; readonly name: string };

/** Words for how much a model should think, in rising order. */
export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
/** One of them. */
export type Effort = (typeof EFFORTS)[number];

/** How the client wants the model to reason. */
export interface ReasoningSettings {
  readonly effort?: Effort;
  /** Upper bound of reasoning tokens; -1 lets the model decide. */
  readonly budgetTokens?: number;
  /** Anthropic's adaptive thinking: the model decides how much. */
  readonly adaptive?: boolean;
  /** Whether thoughts, or a summary of them, should be visible in the answer. */
  readonly visible?: boolean;
}

/** The form that the client wants the answer in. */
export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly schema: JsonObject;
      readonly name?: string;
      readonly description?: string;
      readonly strict?: boolean;
    };

/** Why the model stopped; each wire's own values map onto these. An unknown value is `stop`, with the raw word kept. */
export const FINISH_REASONS = [
  'stop',
  'stop-sequence',
  'length',
  'tool-calls',
  'content-filter',
  'paused',
  'context-full',
  'malformed-call',
] as const;
/** One of them. */
export type FinishReason = (typeof FINISH_REASONS)[number];

/** The end of an answer. */
export interface Finish {
  readonly reason: FinishReason;
  /** The stop string that was met, where the wire tells it. */
  readonly stopSequence?: string;
  /** The wire's own word. */
  readonly raw?: string;
}

/** A whole answer. */
export interface GenerateResult {
  /** The provider's id of the answer, null where it gives none. */
  readonly id: string | null;
  /** The model that the provider says answered, null where it does not say. */
  readonly model: string | null;
  readonly parts: readonly AssistantPart[];
  readonly finish: Finish;
  readonly usage: Usage;
  /** Fields without a word in this language, by wire of origin (log probabilities, grounding, safety ratings). */
  readonly extras?: Extras;
}

/** Something that the target cannot express. Reported in a header and the request log, an error in strict mode. */
export interface Warning {
  readonly code: WarningCode;
  /** Field of the request, as a path. */
  readonly field: string;
  /** One sentence: what happened to it and why. */
  readonly message: string;
}

/** `dropped`: left out. `clamped`: brought into the target's range. `emulated`: said in another way. `repaired`: the history was mended. */
export type WarningCode = 'dropped' | 'clamped' | 'emulated' | 'repaired';
