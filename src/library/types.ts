import type { Json, JsonObject } from '../base/json.ts';

/** A request in the form of OpenAI's Chat Completions; fields that are not named here go through as they are. */
export interface ChatRequest {
  /** A public model, a route such as `auto`, or `provider/upstream-model`. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Public models to try in order after `model`. */
  readonly models?: readonly string[];
  readonly [field: string]: Json | undefined | readonly ChatMessage[];
}

export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  readonly content?: string | readonly JsonObject[] | null;
  readonly [field: string]: Json | undefined;
}

/** What the gateway tells about an answer besides its content. */
export interface AnswerMeta {
  readonly requestId: string;
  /** Provider and upstream model that answered. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly attempts: number;
  /** Why it went there, in a few words. */
  readonly route: string | null;
  /** Decimal text in US dollars; null where it is unknown, or not known yet. */
  readonly costUsd: string | null;
  /** What the target could not express. */
  readonly warnings: readonly string[];
}

/** A whole answer: its text and tool calls at hand, and the body in OpenAI's form. */
export interface ChatAnswer {
  readonly text: string;
  readonly toolCalls: readonly ChatToolCall[];
  readonly finishReason: string | null;
  readonly body: JsonObject;
  readonly meta: AnswerMeta;
}

export interface ChatToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it. */
  readonly arguments: string;
}

/** A streamed answer: chunks in OpenAI's form, in order. Leaving the loop early aborts the provider. */
export interface ChatStream extends AsyncIterable<JsonObject> {
  readonly meta: AnswerMeta;
  /** Only the visible text, piece by piece. */
  text(): AsyncIterable<string>;
}

/** A request that was refused or failed everywhere. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly status: number;
  /** The code of the error envelope, such as `model_not_found`; null where it has none. */
  readonly code: string | null;
  readonly meta: AnswerMeta;

  constructor(status: number, code: string | null, message: string, meta: AnswerMeta) {
    super(message);
    this.status = status;
    this.code = code;
    this.meta = meta;
  }
}
