import { anthropicMessages } from '../../src/protocols/anthropic-messages/protocol.ts';
import { gemini } from '../../src/protocols/gemini/protocol.ts';
import { openaiChat } from '../../src/protocols/openai-chat/protocol.ts';
import type { Protocol } from '../../src/protocols/protocol.ts';
import { UNKNOWN_CAPABILITIES, type Capabilities } from '../../src/spec/model.ts';
import { readChat, readChatStream } from './oracle/chat.ts';
import { readGemini } from './oracle/gemini.ts';
import { readMessages, readMessagesStream } from './oracle/messages.ts';
import type { Counts, FinishWord, Reading, Value } from './oracle/reading.ts';
import type { StreamEvent } from './oracle/sse.ts';
import { chatOrder } from './order/chat.ts';
import { geminiOrder } from './order/gemini.ts';
import { messagesOrder } from './order/messages.ts';
import type { SchemaRoot } from './schema.ts';

/** A wire as the replay sees it: the codec under test, the oracle's way of reading it, and what it must look like. */
export interface Wire {
  readonly protocol: Protocol;
  /** The recorder's name of it. */
  readonly api: string;
  readonly read: (body: Value) => Reading;
  readonly readStream: (payloads: readonly Value[]) => Reading;
  readonly order: (events: readonly StreamEvent[]) => readonly string[];
  readonly schemas: {
    readonly request: SchemaRoot;
    readonly answer: SchemaRoot;
    readonly event: SchemaRoot;
    readonly error: SchemaRoot;
  };
  /** Definitions of a newer version of the wire, by which answers must be right as well. */
  readonly newer?: { readonly answer: SchemaRoot; readonly event: SchemaRoot };
  /** Fields beyond the published schema in which answers of other wires carry what it has no word for. */
  readonly carriers: readonly string[];
  /** What the owner of the wire takes: kinds of media that only others send over it are not in the published schema. */
  readonly capabilities: Capabilities;
  /** Reasons that the wire has no word for, and the nearest word that it has. */
  readonly finishes: { readonly [word in FinishWord]?: FinishWord };
  /** Parts of the totals that the wire cannot tell apart. */
  readonly untold: readonly (keyof Counts)[];
}

const OPENAI = 'openai.schema.json';
const ANTHROPIC = 'anthropic.schema.json';
const BETA = 'anthropic-beta.schema.json';
const ANTHROPIC_NEWER = 'anthropic-2026-10-21.schema.json';
const GOOGLE = 'gemini.schema.json';

/** The wires that the gateway speaks. */
export const WIRES: readonly Wire[] = [
  {
    protocol: openaiChat,
    api: 'chat',
    read: readChat,
    readStream: readChatStream,
    order: chatOrder,
    schemas: {
      request: { file: OPENAI, name: 'CreateChatCompletionRequest' },
      answer: { file: OPENAI, name: 'CreateChatCompletionResponse' },
      event: { file: OPENAI, name: 'CreateChatCompletionStreamResponse' },
      error: { file: OPENAI, name: 'ErrorResponse' },
    },
    // As DeepSeek, OpenRouter and Google name them: other fields would be of our own invention.
    carriers: [
      'reasoning_content',
      'reasoning_details',
      'extra_content',
      'server_tool_use_details',
      'images',
    ],
    capabilities: { ...UNKNOWN_CAPABILITIES, video: false },
    finishes: { 'stop-string': 'end', paused: 'end', 'context-full': 'length', malformed: 'end' },
    untold: ['cacheWrite5m', 'cacheWrite1h'],
  },
  {
    protocol: anthropicMessages,
    api: 'messages',
    read: readMessages,
    readStream: readMessagesStream,
    order: messagesOrder,
    schemas: {
      request: {
        file: ANTHROPIC,
        name: 'CreateMessageParams',
        or: { file: BETA, name: 'BetaCreateMessageParams' },
      },
      // Blocks of beta features come back to the client that asked for them.
      answer: { file: ANTHROPIC, name: 'Message', or: { file: BETA, name: 'BetaMessage' } },
      event: {
        file: ANTHROPIC,
        name: 'MessageStreamEvent',
        union: true,
        or: { file: BETA, name: 'BetaMessageStreamEvent', union: true },
      },
      error: { file: ANTHROPIC, name: 'ErrorResponse' },
    },
    newer: {
      answer: { file: ANTHROPIC_NEWER, name: 'Message' },
      event: { file: ANTHROPIC_NEWER, name: 'RawMessageStreamEvent' },
    },
    carriers: [],
    capabilities: { ...UNKNOWN_CAPABILITIES, audio: false, video: false },
    finishes: { malformed: 'end' },
    untold: ['inputAudio', 'outputAudio'],
  },
  {
    protocol: gemini,
    api: 'generate-content',
    read: (body) => readGemini([body]),
    readStream: readGemini,
    order: geminiOrder,
    schemas: {
      request: { file: GOOGLE, name: 'GenerateContentRequest', closed: true },
      answer: { file: GOOGLE, name: 'GenerateContentResponse' },
      event: { file: GOOGLE, name: 'GenerateContentResponse' },
      error: { file: GOOGLE, name: 'GoogleErrorResponse' },
    },
    carriers: [],
    capabilities: UNKNOWN_CAPABILITIES,
    finishes: { 'stop-string': 'end', paused: 'end', 'context-full': 'length' },
    untold: ['cacheWrite5m', 'cacheWrite1h'],
  },
];
