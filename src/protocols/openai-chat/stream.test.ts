import { describe, expect, it } from 'vitest';
import type { Json } from '../../base/json.ts';
import { textToBytes } from '../../base/bytes.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import type { StreamPart } from '../../spec/stream.ts';
import { collect } from '../testing/collect.ts';
import { contextOf, decodePieces, PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { openaiChat } from './protocol.ts';

type Delta = { readonly [key: string]: Json };

function stream(deltas: readonly Delta[], finish = 'tool_calls'): string {
  const chunks = deltas.map((delta) => ({
    id: 'chatcmpl-9',
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: null }],
  }));
  const end = { id: 'chatcmpl-9', choices: [{ index: 0, delta: {}, finish_reason: finish }] };
  return [...chunks, end].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
}

function decoded(deltas: readonly Delta[], finish?: string): ReturnType<typeof collect> {
  return collect(decodePieces(openaiChat, [textToBytes(stream(deltas, finish))]));
}

function fragment(call: { readonly [key: string]: Json }): Delta {
  return { tool_calls: [call] };
}

describe('tool calls of a stream', () => {
  const one = { name: 'get_weather', arguments: '{"city":"Oslo"}' };
  const two = { name: 'get_time', arguments: '{}' };
  const cases: readonly (readonly [name: string, deltas: readonly Delta[], calls: readonly object[]])[] = [
    [
      'in fragments',
      [
        fragment({ index: 0, id: 'a', type: 'function', function: { name: 'get_weather', arguments: '' } }),
        fragment({ index: 0, function: { arguments: '{"city":' } }),
        fragment({ index: 0, function: { arguments: '"Oslo"}' } }),
      ],
      [{ id: 'a', ...one }],
    ],
    [
      'interleaved',
      [
        fragment({ index: 0, id: 'a', function: { name: 'get_weather', arguments: '' } }),
        fragment({ index: 1, id: 'b', function: { name: 'get_time', arguments: '' } }),
        fragment({ index: 0, function: { arguments: one.arguments } }),
        fragment({ index: 1, function: { arguments: '{}' } }),
      ],
      [
        { id: 'a', ...one },
        { id: 'b', ...two },
      ],
    ],
    [
      'without any index',
      [
        fragment({ id: 'a', function: { name: 'get_weather', arguments: '{"city":' } }),
        fragment({ function: { arguments: '"Oslo"}' } }),
        fragment({ id: 'b', function: two }),
      ],
      [
        { id: 'a', ...one },
        { id: 'b', ...two },
      ],
    ],
    [
      'with index 0 for every call',
      [fragment({ index: 0, id: 'a', function: one }), fragment({ index: 0, id: 'b', function: two })],
      [
        { id: 'a', ...one },
        { id: 'b', ...two },
      ],
    ],
    [
      'with index 0 and empty ids',
      [fragment({ index: 0, id: '', function: one }), fragment({ index: 0, id: '', function: two })],
      [
        { id: 'call_chatcmpl9_0', ...one },
        { id: 'call_chatcmpl9_1', ...two },
      ],
    ],
    [
      'with index 0, empty ids and one name',
      [fragment({ index: 0, id: '', function: one }), fragment({ index: 0, id: '', function: one })],
      [
        { id: 'call_chatcmpl9_0', ...one },
        { id: 'call_chatcmpl9_1', ...one },
      ],
    ],
    [
      'with id and name in every fragment',
      [
        fragment({ index: 0, id: 'a', function: { name: 'get_weather', arguments: '{"city":' } }),
        fragment({ index: 0, id: 'a', function: { name: 'get_weather', arguments: '"Oslo"}' } }),
      ],
      [{ id: 'a', ...one }],
    ],
    [
      'with the name after the id',
      [
        fragment({ index: 0, id: 'a', function: { arguments: '{"city":' } }),
        fragment({ index: 0, function: { name: 'get_weather', arguments: '"Oslo"}' } }),
      ],
      [{ id: 'a', ...one }],
    ],
    [
      'with arguments as an object',
      [fragment({ index: 0, id: 'a', function: { name: 'get_weather', arguments: { city: 'Oslo' } } })],
      [{ id: 'a', ...one }],
    ],
    [
      'in the legacy form',
      [
        { function_call: { name: 'get_weather', arguments: '{"city":' } },
        { function_call: { arguments: '"Oslo"}' } },
      ],
      [{ id: 'call_chatcmpl9_0', ...one }],
    ],
  ];

  it.each(cases)('are put together when they come %s', (_, deltas, calls) => {
    const { result, finish } = decoded(deltas);
    expect(result.parts).toEqual(calls.map((call) => ({ type: 'tool-call', ...call })));
    expect(finish?.reason).toBe('tool-calls');
  });

  it('of custom tools come whole, as only this wire knows them', () => {
    const { result, finish } = decoded([
      fragment({ index: 0, id: 'a', type: 'custom', custom: { name: 'sql', input: '' } }),
      fragment({ index: 0, custom: { input: 'select ' } }),
      fragment({ index: 0, custom: { input: '1' } }),
    ]);
    const value = { id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } };
    expect(result.parts).toEqual([{ type: 'native', origin: 'openai-chat', value }]);
    expect(finish?.reason).toBe('tool-calls');
  });

  it('make the finish tool-calls where the provider says stop', () => {
    expect(decoded([fragment({ index: 0, id: 'a', function: one })], 'stop').finish).toEqual({
      reason: 'tool-calls',
      raw: 'stop',
    });
  });

  it('keep the state that Google attaches', () => {
    const signed = fragment({
      index: 0,
      id: '',
      function: one,
      extra_content: { google: { thought_signature: 'sig' } },
    });
    expect(decoded([signed]).result.parts[0]).toMatchObject({ opaque: { origin: 'gemini', value: 'sig' } });
  });
});

describe('the stream decoder', () => {
  it('opens a new block when the kind changes, and reads thinking lists', () => {
    const deltas = [
      { role: 'assistant', content: '' },
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] },
      { reasoning_content: ', yes.', reasoning: ', yes.' },
      { content: 'Hel' },
      { content: [{ type: 'text', text: 'lo' }] },
      { refusal: 'No.' },
    ];
    expect(decoded(deltas, 'stop').result.parts).toEqual([
      { type: 'reasoning', text: 'Hm, yes.' },
      { type: 'text', text: 'Hello' },
      { type: 'refusal', text: 'No.' },
    ]);
  });

  it('keeps signed details for the provider that made them', () => {
    const deltas = [
      { reasoning: 'Let', reasoning_details: [{ type: 'reasoning.text', text: 'Let', index: 0 }] },
      { reasoning: ' me', reasoning_details: [{ type: 'reasoning.text', text: ' me', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', signature: 'S', index: 0 }] },
      { content: 'Hi' },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'E', index: 1 }] },
    ];
    const { parts } = decoded(deltas, 'stop').result;
    const first = [{ type: 'reasoning.text', text: 'Let me', index: 0, signature: 'S' }];
    const late = [{ type: 'reasoning.encrypted', data: 'E', index: 1 }];
    expect(parts).toEqual([
      { type: 'reasoning', text: 'Let me', opaque: { origin: 'openai-chat', value: expect.any(String) } },
      { type: 'text', text: 'Hi' },
      { type: 'reasoning', text: null, opaque: { origin: 'openai-chat', value: JSON.stringify(late) } },
    ]);
    const state = parts[0]!.type === 'reasoning' ? parts[0]!.opaque!.value : '';
    expect(JSON.parse(state)).toEqual(first);
  });

  it('tells a repeated finish once, usage before it, and reads Azure, Groq and OpenRouter alike', () => {
    const text = [
      '{"id":"","choices":[],"model":"","prompt_filter_results":[]}',
      '{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}',
      '{"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}',
      '{"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":1}}}',
      '{"id":"c","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}',
      '[DONE]',
      '{"id":"c","choices":[{"index":0,"delta":{"content":"late"}}]}',
    ];
    const parts = decodePieces(openaiChat, [text.map((data) => `data: ${data}\n\n`).join('')]);
    const types = parts.map((part) => part.type);
    expect(types).toEqual(['start', 'block-start', 'text-delta', 'usage', 'usage', 'block-end', 'finish']);
    expect(collect(parts).result.usage).toMatchObject({ input: 4, output: 2 });
  });

  it('gives shortened tool names back as the client wrote them', () => {
    const long = `mcp__${'x'.repeat(80)}`;
    const request = {
      ...contextOf().request,
      tools: [{ type: 'function' as const, name: long, inputSchema: { type: 'object' } }],
    };
    const { body } = openaiChat.upstream.encodeRequest(request, PLAIN_TARGET);
    const sent = (body as { tools: { function: { name: string } }[] }).tools[0]!.function.name;
    expect(sent).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    const bytes = textToBytes(
      stream([fragment({ index: 0, id: 'a', function: { name: sent, arguments: '{}' } })]),
    );
    const { result } = collect(
      decodePieces(openaiChat, [bytes], { ...PLAIN_TARGET, quirks: NO_QUIRKS, request }),
    );
    expect(result.parts).toMatchObject([{ type: 'tool-call', name: long }]);
  });
});

describe('the stream encoder', () => {
  function encoded(parts: readonly StreamPart[], streamUsage: boolean): Json[] {
    const pump = openaiChat.downstream.encodeStream(contextOf({ streamUsage }));
    const events = [...parts.flatMap((part) => [...pump.push(part)]), ...pump.end()];
    return events.map(({ data }) => (data === '[DONE]' ? data : (JSON.parse(data) as Json)));
  }
  const usage = { ...collect([]).result.usage, input: 5, output: 1 };
  const parts: readonly StreamPart[] = [
    { type: 'start', id: 'msg_1', model: 'claude' },
    { type: 'block-start', index: 0, block: { type: 'tool-call', id: 'a', name: 'now' } },
    { type: 'block-end', index: 0 },
    { type: 'finish', finish: { reason: 'tool-calls' } },
    { type: 'usage', usage },
  ];

  it('tells usage only to those who asked, after the finish even where it came later', () => {
    expect(encoded(parts, true).at(-2)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 5, total_tokens: 6 },
    });
    expect(JSON.stringify(encoded(parts, false))).not.toContain('usage');
    expect(encoded(parts, false).at(-1)).toBe('[DONE]');
  });

  it('writes no arguments as an empty object', () => {
    expect(JSON.stringify(encoded(parts, true))).toContain('"arguments":"{}"');
  });

  it('ends without a terminator where the answer was cut', () => {
    expect(encoded(parts.slice(0, 2), true)).not.toContain('[DONE]');
  });

  it('starts by itself where a stream has no start', () => {
    const [first] = encoded([{ type: 'finish', finish: { reason: 'stop' } }], false);
    expect(first).toMatchObject({ id: 'chatcmpl-req_test', choices: [{ delta: { role: 'assistant' } }] });
  });
});
