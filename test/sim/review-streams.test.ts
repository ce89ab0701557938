import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import {
  ask,
  chunk,
  DONE,
  END,
  ended,
  JSON_HEAD,
  netOf,
  providerOf,
  RESET,
  SSE,
  STREAMED,
  WELL,
} from './scripted-providers.ts';
import { head, say, wait, type Step } from './scripted-transport.ts';
import type { SentRequest } from './world.ts';

describe('several answers at once (n)', () => {
  it('are not whole when the first of them is', async () => {
    const cut: readonly Step[] = [
      SSE,
      chunk('one', null, 0),
      chunk('uno', null, 1),
      chunk('', 'stop', 0),
      RESET,
    ];
    const { made } = await netOf({ a: [cut], b: [STREAMED] });
    const sent = made.send(ask(true, { n: 2 }));
    const event = await ended(made, sent);
    expect(sent.sink.ending).toBe('cut');
    expect(event.error).not.toBeNull();
  });

  it('may pause after the first of them is over', async () => {
    const slow: readonly Step[] = [
      SSE,
      chunk('one', null, 0),
      chunk('uno', null, 1),
      chunk('', 'stop', 0),
      wait(3_500),
      chunk(' dos', null, 1),
      chunk('', 'stop', 1),
      DONE,
      END,
    ];
    const { made } = await netOf(
      { a: [slow] },
      {
        targets: ['a'],
        config: { timeouts: { first_token_ms: 4_000, idle_ms: 4_000 } },
      },
    );
    const sent = made.send(ask(true, { n: 2 }));
    await ended(made, sent);
    expect(sent.sink.ending).toBe('whole');
    expect(sent.sink.body).toContain('dos');
  });
});

describe('a hedge whose winner breaks off', () => {
  it('goes on at the loser, who was only slower', async () => {
    const cut: readonly Step[] = [SSE, chunk('one two '), RESET];
    const slow: readonly Step[] = [wait(5_000), ...STREAMED];
    const { made } = await netOf(
      { a: [slow, STREAMED], b: [cut, [head(500), END]] },
      {
        failover: { hedge: { after_ms: 1_000, max_cost_usd: 1 } },
        config: {
          providers: {
            a: {
              ...providerOf('a', 'openai-compatible', 1),
              models: { x: { cost_per_1m_tokens: { input: 1, output: 1 } } },
            },
            b: {
              ...providerOf('b', 'openai-compatible', 1),
              models: { x: { cost_per_1m_tokens: { input: 1, output: 1 } } },
            },
          },
        },
      },
    );
    const sent = made.send(ask(true));
    const event = await ended(made, sent);
    expect(event.attempts.map(({ target, purpose }) => `${purpose} ${target}`)).toContain('resume a/x');
    expect(event).toMatchObject({ status: 200, error: null });
    expect(sent.sink.ending).toBe('whole');
  });
});

describe('the end of a stream that passes through', () => {
  const start = say(
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}\n\n' +
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n' +
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello."}}\n\n',
  );
  const stop = say(
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n' +
      'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4}}\n\n',
  );
  const request: SentRequest = {
    surface: 'messages',
    body: { model: 'm', stream: true, max_tokens: 50, messages: [{ role: 'user', content: 'Say hello.' }] },
  };
  for (const [name, end] of [
    [
      'with more in it',
      'event: message_stop\ndata: {"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":3}}\n\n',
    ],
    ['without a name', 'data: {"type":"message_stop"}\n\n'],
    [
      'behind an error',
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
    ],
  ] as const) {
    it(`comes once, ${name}`, async () => {
      const { made } = await netOf(
        {
          a: [[SSE, start, stop, say(end), END]],
          b: [[SSE, start, stop, say('event: message_stop\ndata: {"type":"message_stop"}\n\n'), END]],
        },
        { kind: 'anthropic' },
      );
      const sent = made.send(request);
      const event = await ended(made, sent);
      expect(event.error).toBeNull();
      expect(sent.sink.body.split('"message_stop"').length - 1).toBe(1);
      expect(sent.sink.body.split('"message_delta"').length - 1).toBe(1);
      expect(sent.sink.ending).toBe('whole');
    });
  }
});

describe('an answer that does not fit behind what was delivered', () => {
  it('is paid for as far as it came, and not named as the one that went on', async () => {
    const text =
      'The tides rise and fall twice a day because the moon pulls at the sea, and the earth turns below it.';
    const cut: readonly Step[] = [SSE, chunk(`${text} So`), RESET];
    const other: readonly Step[] = [
      SSE,
      chunk('Quite another text that has nothing to do with what was said before it.'),
      chunk('', 'stop'),
      DONE,
      END,
    ];
    const rest: readonly Step[] = [SSE, chunk(' it goes on for ever.'), chunk('', 'stop'), DONE, END];
    const { made } = await netOf({ a: [cut], b: [other, rest] });
    const sent = made.send(ask(true));
    const event = await ended(made, sent);
    expect(event.attempts.map(({ resume }) => resume)).toEqual([null, 'restart', 'continue']);
    expect(event.attempts[1]?.outcome).toMatchObject({ kind: 'upstream_diverged' });
    expect(event.attempts[1]?.usage).toMatchObject({ source: 'estimated' });
    expect(event.attempts[1]?.usage?.output).toBeGreaterThan(5);
    expect(sent.sink.trailers.get('x-bellwether-resumed')).toBe('b/x (continue)');
  });
});

describe('an answer in one piece that is long', () => {
  it('is waited for, however short the answers before it were', async () => {
    const short: readonly Step[] = [wait(500), ...WELL];
    const long: readonly Step[] = [JSON_HEAD, wait(90_000), ...WELL.slice(1)];
    const shorts = Array.from({ length: 60 }, () => short);
    const { made } = await netOf({ a: [...shorts, long] }, { targets: ['a'] });
    for (let n = 0; n < 60; n += 1) await ended(made, made.send(ask(false)));
    expect(await ended(made, made.send(ask(false)))).toMatchObject({ status: 200 });
  });
});

describe('noise in the middle of a stream that passes through', () => {
  for (const [name, first] of [
    ['first of all', [say('data: connected\n\n'), chunk('one '), chunk('two ')]],
    ['between its words', [chunk('one '), say('data: keep-alive\n\n'), chunk('two ')]],
  ] as const) {
    it(`doubles no word when it breaks off: ${name}`, async () => {
      const { made } = await netOf({ a: [[SSE, ...first, RESET]], b: [STREAMED] });
      const sent = made.send(ask(true));
      await ended(made, sent);
      const words = [...sent.sink.body.matchAll(/"content":"([^"]*)"/g)].map(([, word]) => word).join('');
      expect(['one two ', 'one two three']).toContain(words);
      expect(sent.sink.ending).toBe(words === 'one two ' ? 'cut' : 'whole');
    });
  }
});

describe('a part of an answer that is told only when it is whole', () => {
  const opening = [
    {
      type: 'message_start',
      message: {
        id: 'm1',
        type: 'message',
        role: 'assistant',
        model: 'x',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 3, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'Let me look that up for you.' },
    },
    { type: 'content_block_stop', index: 0 },
  ];
  const rest = [
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'It is so.' } },
    { type: 'content_block_stop', index: 1 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 9 },
    },
    { type: 'message_stop' },
  ];
  const search = [
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} },
    },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"query":' } },
  ];
  const events = (list: readonly JsonObject[]): Step =>
    say(list.map((each) => `data: ${JSON.stringify(each)}\n\n`).join(''));

  it('is not begun a second time', async () => {
    const { made } = await netOf(
      { a: [[SSE, events(opening), events(search), RESET]], b: [[SSE, events(opening), events(rest), END]] },
      { kind: 'anthropic' },
    );
    const sent = made.send({
      surface: 'messages',
      body: { model: 'm', stream: true, max_tokens: 50, messages: [{ role: 'user', content: 'Is it so?' }] },
    });
    await ended(made, sent);
    expect(sent.sink.body.split('"content_block_start","index":1').length - 1).toBe(1);
    expect(sent.sink.ending).toBe('cut');
  });

  it('is not sent a second time, where nothing of it is understood', async () => {
    const sound = (data: string): Step =>
      say(
        `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'x', choices: [{ index: 0, delta: { audio: { id: 'a1', data } }, finish_reason: null }] })}\n\n`,
      );
    const { made } = await netOf({
      a: [[SSE, sound('AAAA'), sound('BBBB'), RESET]],
      b: [[SSE, sound('AAAA'), sound('BBBB'), sound('CCCC'), chunk('', 'stop'), DONE, END]],
    });
    const sent = made.send(
      ask(true, { modalities: ['text', 'audio'], audio: { voice: 'a', format: 'pcm16' } }),
    );
    await ended(made, sent);
    expect(sent.sink.body.split('AAAA').length - 1).toBe(1);
    expect(sent.sink.ending).toBe('cut');
  });

  it('is not sent a second time, where it is the beginning of a call', async () => {
    const call = (fragment: JsonObject): Step =>
      say(
        `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'x', choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...fragment }] }, finish_reason: null }] })}\n\n`,
      );
    const first = call({ id: 'call_1', type: 'function', function: { arguments: '' } });
    const { made } = await netOf({
      a: [[SSE, first, RESET]],
      b: [
        [
          SSE,
          call({ id: 'call_2', type: 'function', function: { name: 'look', arguments: '{}' } }),
          chunk('', 'tool_calls'),
          DONE,
          END,
        ],
      ],
    });
    const tools = [
      { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } },
    ];
    const sent = made.send(ask(true, { tools }));
    await ended(made, sent);
    expect(sent.sink.body.includes('call_1') && sent.sink.body.includes('call_2')).toBe(false);
  });
});
