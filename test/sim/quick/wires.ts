import { textToBytes } from '../../../src/base/bytes.ts';

/** The wires that the quick providers speak. */
export const WIRES = ['chat', 'messages', 'gemini'] as const;
/** One of them. */
export type Wire = (typeof WIRES)[number];

/** What is to be written in a wire: the pieces of an answer. */
export interface Saying {
  /** Id and model that the provider gives itself. */
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly tool: { readonly name: string; readonly args: string } | null;
  /** Characters of text in one event. */
  readonly pieceChars: number;
  /** Whether the chat wire was asked for a last event with the usage. */
  readonly usageAsked: boolean;
}

/** What every answer is said to have used; C4 compares it with what was booked. */
export const REPORTED = { input: 11, output: 23 };

/** An answer as the events of a stream; the last `ending` of them say that it is over. */
export interface Written {
  readonly events: readonly string[];
  /** Index of the first event that says why the answer ended. */
  readonly finishAt: number;
  /** Index of the first event with content; -1 where there is none. */
  readonly contentAt: number;
}

/** Writes an answer as a stream. */
export function writeStream(wire: Wire, saying: Saying): Written {
  const head: string[] = [];
  const content: string[] = [];
  const tail: string[] = [];
  WRITERS[wire](saying, { head, content, tail });
  const events = [...head, ...content, ...tail].map((text) => textToBytes(text) as string);
  return {
    events,
    contentAt: content.length === 0 ? -1 : head.length,
    finishAt: head.length + content.length,
  };
}

/** Writes an answer that is not streamed. */
export function writeWhole(wire: Wire, saying: Saying): string {
  return textToBytes(JSON.stringify(WHOLES[wire](saying)));
}

/** Writes an error in the middle of a stream. */
export function writeStreamError(wire: Wire): string {
  switch (wire) {
    case 'chat':
      return data({ error: { message: 'The server had an error', type: 'server_error', code: null } });
    case 'messages':
      return named('error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    case 'gemini':
      return data({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } });
  }
}

/** The body of a refusal. */
export function writeRefusal(wire: Wire, type: RefusalType): string {
  const [chat, anthropic, google, message] = REFUSALS[type];
  switch (wire) {
    case 'chat':
      return JSON.stringify({ error: { message, type: chat, code: chat, param: null } });
    case 'messages':
      return JSON.stringify({ type: 'error', error: { type: anthropic, message } });
    case 'gemini':
      return JSON.stringify({ error: { code: 400, message, status: google } });
  }
}

/** What a refusal is about. */
export type RefusalType = keyof typeof REFUSALS;

const REFUSALS = {
  limit: ['rate_limit_exceeded', 'rate_limit_error', 'RESOURCE_EXHAUSTED', 'Rate limit reached'],
  quota: [
    'insufficient_quota',
    'billing_error',
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota: limit: 0',
  ],
  key: ['invalid_api_key', 'authentication_error', 'UNAUTHENTICATED', 'The key is not valid'],
  missing: ['model_not_found', 'not_found_error', 'NOT_FOUND', 'The model does not exist'],
  request: ['invalid_value', 'invalid_request_error', 'INVALID_ARGUMENT', 'temperature is out of range'],
  prefill: [
    'invalid_value',
    'invalid_request_error',
    'INVALID_ARGUMENT',
    'This model does not support assistant message prefill. The conversation must end with a user message.',
  ],
  space: [
    'invalid_value',
    'invalid_request_error',
    'INVALID_ARGUMENT',
    'messages: final assistant content cannot end with trailing whitespace',
  ],
  server: ['server_error', 'api_error', 'INTERNAL', 'The server had an error'],
  busy: ['service_unavailable_error', 'overloaded_error', 'UNAVAILABLE', 'Overloaded'],
} as const;

interface Sections {
  readonly head: string[];
  readonly content: string[];
  readonly tail: string[];
}

const WRITERS: { readonly [wire in Wire]: (saying: Saying, into: Sections) => void } = {
  chat: writeChat,
  messages: writeMessages,
  gemini: writeGemini,
};

function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function named(name: string, value: unknown): string {
  return `event: ${name}\n${data(value)}`;
}

/** Cuts a text into pieces of so many characters; never inside a character. */
export function piecesOf(text: string, chars: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let count = 0;
  for (const char of text) {
    piece += char;
    count += 1;
    if (count < chars) continue;
    pieces.push(piece);
    piece = '';
    count = 0;
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

function writeChat(saying: Saying, { head, content, tail }: Sections): void {
  const { id, model, text, tool, pieceChars, usageAsked } = saying;
  const chunk = (delta: unknown, finish: string | null): string =>
    data({
      id,
      object: 'chat.completion.chunk',
      created: 1_800_000_000,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  head.push(chunk({ role: 'assistant', content: '' }, null));
  for (const piece of piecesOf(text, pieceChars)) content.push(chunk({ content: piece }, null));
  if (tool !== null) {
    const opening = {
      index: 0,
      id: `call_${id}`,
      type: 'function',
      function: { name: tool.name, arguments: '' },
    };
    content.push(chunk({ tool_calls: [opening] }, null));
    for (const piece of piecesOf(tool.args, pieceChars))
      content.push(chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }, null));
  }
  tail.push(chunk({}, tool === null ? 'stop' : 'tool_calls'));
  const usage = {
    prompt_tokens: REPORTED.input,
    completion_tokens: REPORTED.output,
    total_tokens: REPORTED.input + REPORTED.output,
  };
  if (usageAsked)
    tail.push(
      data({ id, object: 'chat.completion.chunk', created: 1_800_000_000, model, choices: [], usage }),
    );
  tail.push('data: [DONE]\n\n');
}

function writeMessages(saying: Saying, { head, content, tail }: Sections): void {
  const { id, model, text, tool, pieceChars } = saying;
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: REPORTED.input, output_tokens: 1 },
  };
  head.push(named('message_start', { type: 'message_start', message }));
  let index = 0;
  if (text !== '') {
    const block = { type: 'text', text: '' };
    content.push(
      named('content_block_start', { type: 'content_block_start', index, content_block: block }),
      named('ping', { type: 'ping' }),
    );
    for (const piece of piecesOf(text, pieceChars))
      content.push(
        named('content_block_delta', {
          type: 'content_block_delta',
          index,
          delta: { type: 'text_delta', text: piece },
        }),
      );
    content.push(named('content_block_stop', { type: 'content_block_stop', index }));
    index += 1;
  }
  if (tool !== null) {
    const block = { type: 'tool_use', id: `toolu_${id}`, name: tool.name, input: {} };
    content.push(named('content_block_start', { type: 'content_block_start', index, content_block: block }));
    for (const piece of ['', ...piecesOf(tool.args, pieceChars)])
      content.push(
        named('content_block_delta', {
          type: 'content_block_delta',
          index,
          delta: { type: 'input_json_delta', partial_json: piece },
        }),
      );
    content.push(named('content_block_stop', { type: 'content_block_stop', index }));
  }
  const delta = { stop_reason: tool === null ? 'end_turn' : 'tool_use', stop_sequence: null };
  tail.push(
    named('message_delta', { type: 'message_delta', delta, usage: { output_tokens: REPORTED.output } }),
    named('message_stop', { type: 'message_stop' }),
  );
}

function writeGemini(saying: Saying, { content, tail }: Sections): void {
  const { id, model, text, tool, pieceChars } = saying;
  const usageMetadata = {
    promptTokenCount: REPORTED.input,
    candidatesTokenCount: REPORTED.output,
    totalTokenCount: REPORTED.input + REPORTED.output,
  };
  const chunk = (parts: unknown, finishReason?: string): string =>
    data({
      candidates: [
        {
          content: { parts, role: 'model' },
          index: 0,
          ...(finishReason === undefined ? {} : { finishReason }),
        },
      ],
      usageMetadata,
      modelVersion: model,
      responseId: id,
    });
  for (const piece of piecesOf(text, pieceChars)) content.push(chunk([{ text: piece }]));
  if (tool !== null)
    content.push(chunk([{ functionCall: { name: tool.name, args: JSON.parse(tool.args) } }]));
  tail.push(chunk([{ text: '' }], 'STOP'));
}

const WHOLES: { readonly [wire in Wire]: (saying: Saying) => unknown } = {
  chat: ({ id, model, text, tool }) => ({
    id,
    object: 'chat.completion',
    created: 1_800_000_000,
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' ? null : text,
          ...(tool === null
            ? {}
            : {
                tool_calls: [
                  {
                    id: `call_${id}`,
                    type: 'function',
                    function: { name: tool.name, arguments: tool.args },
                  },
                ],
              }),
        },
        finish_reason: tool === null ? 'stop' : 'tool_calls',
      },
    ],
    usage: {
      prompt_tokens: REPORTED.input,
      completion_tokens: REPORTED.output,
      total_tokens: REPORTED.input + REPORTED.output,
    },
  }),
  messages: ({ id, model, text, tool }) => ({
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...(tool === null
        ? []
        : [{ type: 'tool_use', id: `toolu_${id}`, name: tool.name, input: JSON.parse(tool.args) }]),
    ],
    stop_reason: tool === null ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: REPORTED.input, output_tokens: REPORTED.output },
  }),
  gemini: ({ id, model, text, tool }) => ({
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            ...(text === '' ? [] : [{ text }]),
            ...(tool === null ? [] : [{ functionCall: { name: tool.name, args: JSON.parse(tool.args) } }]),
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: REPORTED.input,
      candidatesTokenCount: REPORTED.output,
      totalTokenCount: REPORTED.input + REPORTED.output,
    },
    modelVersion: model,
    responseId: id,
  }),
};
