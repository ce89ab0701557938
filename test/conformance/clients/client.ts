import type { JsonObject } from '../../../src/base/json.ts';

/** One official client library as the scenarios see it: the same few verbs over very different interfaces. */
export interface Client {
  readonly name: string;
  /** The wire that it speaks to the gateway. */
  readonly wire: 'openai' | 'anthropic';
  /** Whether it gives reasoning back to the model by itself, whole and streamed. */
  readonly reasoning: { readonly whole: boolean; readonly streamed: boolean };
  /** Starts a conversation; the library's own message objects are its history. */
  converse(setup: Setup): Conversation;
  /** What its error says. */
  failure(error: unknown): Failure;
}

export type Mode = 'whole' | 'streamed';

export interface Setup {
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly mode: Mode;
  readonly system?: string;
  readonly tools?: readonly ToolSpec[];
  readonly toolChoice?: 'required' | 'none';
  readonly stop?: readonly string[];
  /** The schema of the answer's JSON. */
  readonly schema?: JsonObject;
  /** Whether to ask for reasoning. */
  readonly reason?: 'yes';
  readonly outputTokensMax?: number;
  readonly signal?: AbortSignal;
}

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject & { readonly type: 'object' };
}

export interface Conversation {
  say(text: string, attachment?: Attachment): Promise<Answer>;
  /** Gives the results of the last answer's calls, in their order. */
  give(results: readonly string[]): Promise<Answer>;
}

/** A picture or a PDF as base64. */
export interface Attachment {
  readonly mediaType: string;
  readonly data: string;
}

export interface Answer {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly finish: 'stop' | 'length' | 'tools' | 'other';
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly reasoning: string;
  /** How many pieces of text came; 1 where it was not streamed. */
  readonly pieces: number;
}

export interface Failure {
  readonly status: number | undefined;
  /** Name of the class that the library threw. */
  readonly className: string;
  /** The error's type in the envelope, where the library shows it. */
  readonly type: string | undefined;
  readonly message: string;
}

/** What a library threw: its class, its words, and the status and type that stand on it or on the error inside it. */
export function failureOf(error: unknown, told: unknown = error): Failure {
  const status = fieldOf(told, 'status');
  const type = fieldOf(told, 'type');
  return {
    status: typeof status === 'number' ? status : undefined,
    type: typeof type === 'string' ? type : undefined,
    className: error instanceof Error ? error.constructor.name : typeof error,
    message: error instanceof Error ? error.message : String(error),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
