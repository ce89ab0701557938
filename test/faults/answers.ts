import type { Json, JsonObject } from '../../src/base/json.ts';
import type { FaultWire } from './catalogue.ts';

/** What every good answer of this folder says. It begins as the cut answers of the catalogue begin. */
export const ANSWER = 'Hello from the healthy side: grüße, 42 ✓ and goodbye.';

/** The call that a good answer with tools makes twice, with these arguments. */
export const CALLS = [
  { id: 'call_1', name: 'look_up', arguments: { city: 'Zürich' } },
  { id: 'call_2', name: 'look_up', arguments: { city: 'Paris' } },
] as const;

/** The pieces in which the answer is streamed. */
export const PIECES: readonly string[] = ANSWER.match(/.{1,7}/gsu) ?? [];

/** How an answer differs from the usual one. */
export interface Variation {
  readonly pieces?: readonly string[];
  /** Replaces the usual counters; null leaves them out. */
  readonly usage?: Json;
}

const FINISH = { chat: 'stop', messages: 'end_turn', gemini: 'STOP' } as const;
const USAGE: { readonly [wire in FaultWire]: JsonObject } = {
  chat: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 },
  messages: { input_tokens: 9, output_tokens: 12 },
  gemini: { promptTokenCount: 9, candidatesTokenCount: 12, totalTokenCount: 21 },
};

/** A good answer that is not streamed, as JSON text. */
export function wholeAnswer(wire: FaultWire, text: string = ANSWER, { usage }: Variation = {}): string {
  const counted = usage === undefined ? USAGE[wire] : usage;
  return JSON.stringify(WHOLE[wire](text, counted));
}

const WHOLE: { readonly [wire in FaultWire]: (text: string, usage: Json) => JsonObject } = {
  chat: (content, usage) => ({
    ...CHAT,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: FINISH.chat }],
    usage,
  }),
  messages: (text, usage) => ({
    ...MESSAGE,
    content: text === '' ? [] : [{ type: 'text', text }],
    stop_reason: FINISH.messages,
    ...(usage === null ? {} : { usage }),
  }),
  gemini: (text, usageMetadata) => ({
    ...GEMINI,
    candidates: [
      {
        index: 0,
        content: { role: 'model', ...(text === '' ? {} : { parts: [{ text }] }) },
        finishReason: FINISH.gemini,
      },
    ],
    ...(usageMetadata === null ? {} : { usageMetadata }),
  }),
};

/** A good answer that is not streamed and makes the calls. */
export function wholeCalls(wire: FaultWire): string {
  return JSON.stringify(WHOLE_CALLS[wire]);
}

const WHOLE_CALLS: { readonly [wire in FaultWire]: JsonObject } = {
  get chat() {
    const tool_calls = CALLS.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    const message = { role: 'assistant', content: null, tool_calls };
    return {
      ...CHAT,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
    };
  },
  get messages() {
    const content = CALLS.map((call) => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: call.arguments,
    }));
    return { ...MESSAGE, content, stop_reason: 'tool_use', usage: USAGE.messages };
  },
  get gemini() {
    const parts = CALLS.map((call) => ({ functionCall: { name: call.name, args: call.arguments } }));
    return { ...GEMINI, candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }] };
  },
};

/** The events of a streamed answer in the order in which they come, each as the text of one event. */
export interface Events {
  readonly start: readonly string[];
  readonly pieces: readonly string[];
  readonly finish: readonly string[];
  /** What ends the stream behind the finish; nothing on wires that have no such end. */
  readonly end: readonly string[];
}

/** A good answer as the events of a stream. */
export function streamedAnswer(wire: FaultWire, { pieces = PIECES, usage }: Variation = {}): Events {
  return STREAMED[wire](pieces, usage === undefined ? USAGE[wire] : usage);
}

/** The events of an answer in order. */
export function inOrder({ start, pieces, finish, end }: Events): readonly string[] {
  return [...start, ...pieces, ...finish, ...end];
}

const STREAMED: { readonly [wire in FaultWire]: (pieces: readonly string[], usage: Json) => Events } = {
  chat: (pieces, usage) => ({
    start: [chatChunk({ role: 'assistant', content: '' })],
    pieces: pieces.map((content) => chatChunk({ content })),
    finish: [
      chatChunk({}, FINISH.chat),
      ...(usage === null ? [] : [event({ ...CHAT, object: 'chat.completion.chunk', choices: [], usage })]),
    ],
    end: ['data: [DONE]\n\n'],
  }),
  messages: (pieces, usage) => ({
    start: [
      named({
        type: 'message_start',
        message: { ...MESSAGE, content: [], stop_reason: null, usage: usage ?? {} },
      }),
      named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ],
    pieces: pieces.map((text) =>
      named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    ),
    finish: [
      named({ type: 'content_block_stop', index: 0 }),
      named({
        type: 'message_delta',
        delta: { stop_reason: FINISH.messages, stop_sequence: null },
        ...(usage === null ? {} : { usage }),
      }),
    ],
    end: [named({ type: 'message_stop' })],
  }),
  gemini: (pieces, usageMetadata) => ({
    start: [],
    pieces: pieces.map((text) =>
      event({ ...GEMINI, candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] } }] }),
    ),
    finish: [
      event({
        ...GEMINI,
        candidates: [{ index: 0, content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }],
        ...(usageMetadata === null ? {} : { usageMetadata }),
      }),
    ],
    end: [],
  }),
};

/** How the calls of a streamed answer come. */
export type CallsManner = 'interleaved' | 'without-ids' | 'truncated';

/** The calls as the events of a stream. */
export function streamedCalls(wire: FaultWire, manner: CallsManner): readonly string[] {
  return STREAMED_CALLS[wire](manner);
}

const STREAMED_CALLS: { readonly [wire in FaultWire]: (manner: CallsManner) => readonly string[] } = {
  chat: (manner) => {
    const delta = (index: number, call: JsonObject): string =>
      chatChunk({ tool_calls: [{ index, ...call }] });
    const begin = CALLS.map(({ id, name }, index) =>
      delta(index, {
        ...(manner === 'without-ids' ? {} : { id }),
        type: 'function',
        function: { name, arguments: '' },
      }),
    );
    const halves = interleavedHalves().map(([index, text]) =>
      delta(index, { function: { arguments: text } }),
    );
    if (manner === 'truncated') return [...begin, ...halves.slice(0, 3)];
    return [...begin, ...halves, chatChunk({}, 'tool_calls'), 'data: [DONE]\n\n'];
  },
  messages: (manner) => {
    const begin = CALLS.map(({ id, name }, index) =>
      named({
        type: 'content_block_start',
        index,
        content_block: { type: 'tool_use', ...(manner === 'without-ids' ? {} : { id }), name, input: {} },
      }),
    );
    const halves = interleavedHalves().map(([index, partial_json]) =>
      named({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json } }),
    );
    const { start, end } = streamedAnswer('messages');
    if (manner === 'truncated') return [...start.slice(0, 1), ...begin, ...halves.slice(0, 3)];
    return [
      ...start.slice(0, 1),
      ...begin,
      ...halves,
      ...CALLS.map((_, index) => named({ type: 'content_block_stop', index })),
      named({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: USAGE.messages }),
      ...end,
    ];
  },
  // Calls of this wire come whole and have no ids.
  gemini: (manner) => {
    const calls = CALLS.map(({ name, arguments: args }) =>
      event({
        ...GEMINI,
        candidates: [{ index: 0, content: { role: 'model', parts: [{ functionCall: { name, args } }] } }],
      }),
    );
    return manner === 'truncated' ? calls.slice(0, 1) : [...calls, ...streamedAnswer('gemini').finish];
  },
};

// Arguments of both calls, cut in two, in turns.
function interleavedHalves(): readonly (readonly [index: number, text: string])[] {
  const halves = CALLS.map((call, index) => {
    const text = JSON.stringify(call.arguments);
    return [[index, text.slice(0, 6)] as const, [index, text.slice(6)] as const] as const;
  });
  return [...halves.map(([first]) => first), ...halves.map(([, second]) => second)];
}

const CHAT = { id: 'chatcmpl-1', created: 1_780_000_000, model: 'm' };
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null };
const GEMINI = { responseId: 'r1', modelVersion: 'm' };

function chatChunk(delta: JsonObject, finish_reason: string | null = null): string {
  return event({ ...CHAT, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
}

function event(data: JsonObject): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function named(data: JsonObject & { readonly type: string }): string {
  return `event: ${data.type}\n${event(data)}`;
}
