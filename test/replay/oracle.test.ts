import { describe, expect, it } from 'vitest';
import { describeShared } from '../shared.ts';
import { readChatStream } from './oracle/chat.ts';
import { readGemini } from './oracle/gemini.ts';
import { readMessagesStream } from './oracle/messages.ts';
import type { Value } from './oracle/reading.ts';
import { readEvents, type StreamEvent } from './oracle/sse.ts';
import { chatOrder } from './order/chat.ts';
import { geminiOrder } from './order/gemini.ts';
import { messagesOrder } from './order/messages.ts';
import { isJoined, recordingsOf } from './recordings.ts';

const ORDERS = [
  { api: 'chat', order: chatOrder },
  { api: 'messages', order: messagesOrder },
  { api: 'generate-content', order: geminiOrder },
] as const;

/** Who defines the wire; others take liberties that our own output must not take. */
const OWNERS = ['openai', 'anthropic', 'gemini', 'vertex'];
/** Recorded under the owner's name, but answered by another gateway: the role stands on every chunk. */
const FOREIGN = ['openai-chat-cb8252127e', 'openai-chat-c1ad3919cb'];

describeShared('the order checkers', () => {
  it.each(ORDERS)('accept what the owner of the wire sends ($api)', ({ api, order }) => {
    const streams = recordingsOf(api).filter(
      ({ id, provider, answer }) =>
        answer.type === 'stream' && OWNERS.includes(provider) && !FOREIGN.includes(id),
    );
    const violations = streams
      .filter((recording) => !isJoined(recording))
      .flatMap(({ id, answer }) =>
        answer.type === 'stream' ? order(readEvents(answer.text)).map((what) => `${id}: ${what}`) : [],
      );
    expect(violations).toEqual([]);
    expect(streams.length).toBeGreaterThan(15);
  });
});

describe('the order checkers', () => {
  const chat = stream(
    { id: 'a', choices: [{ index: 0, delta: { role: 'assistant' } }] },
    { id: 'a', choices: [{ index: 0, delta: { content: 'x' } }] },
    { id: 'a', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { id: 'a', choices: [], usage: { total_tokens: 1 } },
    '[DONE]',
  );
  const start = { type: 'message_start', message: {} };
  const text = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } };
  const stop = { type: 'content_block_stop', index: 0 };
  const end = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }];
  const gemini = stream(
    { candidates: [{ content: { parts: [{ text: 'x' }] } }] },
    { candidates: [{ finishReason: 'STOP' }] },
  );

  it('find nothing in a right stream', () => {
    expect(chatOrder(chat)).toEqual([]);
    expect(messagesOrder(named(start, text, delta, stop, ...end))).toEqual([]);
    expect(geminiOrder(gemini)).toEqual([]);
  });

  it.each([
    ['the first chunk is missing', chat.slice(1)],
    ['the finish is missing', [...chat.slice(0, 2), ...chat.slice(3)]],
    ['[DONE] is missing', chat.slice(0, 4)],
    ['the finish comes twice', [...chat.slice(0, 3), chat[2]!, ...chat.slice(3)]],
    ['the usage comes before the finish', [...chat.slice(0, 2), chat[3]!, chat[2]!, chat[4]!]],
    ['the id changes', [...chat.slice(0, 2), ...stream({ id: 'b', choices: [] }), ...chat.slice(2)]],
    ['a call starts without its name', [chat[0]!, ...callStart({ id: 'c' }), ...chat.slice(2)]],
    [
      'a call starts at index 1',
      [chat[0]!, ...callStart({ id: 'c', index: 1, function: { name: 'f' } }), ...chat.slice(2)],
    ],
  ])('find it in chat when %s', (_, events) => {
    expect(chatOrder(events)).not.toEqual([]);
  });

  it.each([
    ['the start is missing', [text, delta, stop, ...end]],
    ['a block is not closed', [start, text, delta, ...end]],
    ['two blocks overlap', [start, text, { ...text, index: 1 }, stop, ...end]],
    [
      'an index is skipped',
      [start, { ...text, index: 1 }, { ...delta, index: 1 }, { ...stop, index: 1 }, ...end],
    ],
    [
      'a delta is of another kind',
      [start, text, { ...delta, delta: { type: 'thinking_delta' } }, stop, ...end],
    ],
    ['a text block is empty', [start, text, stop, ...end]],
    ['message_delta is missing', [start, text, delta, stop, end[1]!]],
    ['message_stop is missing', [start, text, delta, stop, end[0]!]],
    ['something follows the end', [start, text, delta, stop, ...end, end[1]!]],
  ])('find it in messages when %s', (_, payloads) => {
    expect(messagesOrder(named(...payloads))).not.toEqual([]);
  });

  it('find an event of messages under a wrong name', () => {
    const events = named(start, text, delta, stop, ...end);
    expect(messagesOrder(events.map((event) => ({ ...event, name: '' })))).not.toEqual([]);
  });

  it.each([
    ['the finish is missing', gemini.slice(0, 1)],
    ['content follows the finish', [gemini[1]!, gemini[0]!]],
    ['an event has a name', gemini.map((event) => ({ ...event, name: 'message' }))],
  ])('find it in gemini when %s', (_, events) => {
    expect(geminiOrder(events)).not.toEqual([]);
  });
});

describe('the oracle', () => {
  it('reads parallel calls whose fragments interleave', () => {
    const reading = readChatStream([
      ...payloads(callStart({ index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } })),
      ...payloads(callStart({ index: 1, id: 'b', function: { name: 'two', arguments: '' } })),
      ...payloads(callStart({ index: 0, function: { arguments: ':1}' } })),
    ]);
    expect(reading.calls).toEqual([
      { name: 'one', arguments: { x: 1 } },
      { name: 'two', arguments: {} },
    ]);
  });

  it('lets the last counter of messages win and keeps those that are not repeated', () => {
    const { usage } = readMessagesStream([
      {
        type: 'message_start',
        message: { usage: { input_tokens: 5, cache_read_input_tokens: 3, output_tokens: 1 } },
      },
      { type: 'message_delta', delta: {}, usage: { output_tokens: 9 } },
    ]);
    expect(usage).toMatchObject({ input: 8, cacheRead: 3, output: 9 });
  });

  it('puts arguments together that Gemini sends in pieces', () => {
    const parts = (functionCall: Value): Value => ({
      candidates: [{ content: { parts: [{ functionCall }] } }],
    });
    const reading = readGemini([
      parts({ name: 'f', willContinue: true }),
      parts({
        partialArgs: [{ jsonPath: '$.a.b', stringValue: 'x', willContinue: true }],
        willContinue: true,
      }),
      parts({ partialArgs: [{ jsonPath: '$.a.b', stringValue: 'y' }], willContinue: true }),
      parts({ partialArgs: [{ jsonPath: '$.c[0]', numberValue: 1 }], willContinue: true }),
      parts({}),
    ]);
    expect(reading.calls).toEqual([{ name: 'f', arguments: { a: { b: 'xy' }, c: [1] } }]);
  });
});

function stream(...items: readonly Value[]): readonly StreamEvent[] {
  return items.map((item) => ({ name: '', data: item === '[DONE]' ? item : JSON.stringify(item) }));
}

function named(...items: readonly { readonly type: string }[]): readonly StreamEvent[] {
  return items.map((item) => ({ name: item.type, data: JSON.stringify(item) }));
}

function callStart(fragment: { readonly [key: string]: Value }): readonly StreamEvent[] {
  const call = { index: 0, type: 'function', ...fragment };
  return stream({ id: 'a', choices: [{ index: 0, delta: { tool_calls: [call] } }] });
}

function payloads(events: readonly StreamEvent[]): readonly Value[] {
  return events.map((event) => JSON.parse(event.data) as Value);
}
