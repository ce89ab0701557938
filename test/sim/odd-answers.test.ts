import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import type { Clock } from '../../src/spec/ports.ts';
import { violations } from './invariants.ts';
import {
  again,
  head,
  say,
  scriptedTransport,
  wait,
  type ScriptedTransport,
  type Step,
} from './scripted-transport.ts';
import { createWorld, type Sent, type SentRequest, type World } from './world.ts';

const TIMEOUTS = {
  first_byte_ms: 5_000,
  first_token_ms: 5_000,
  idle_ms: 5_000,
  answer_ms: 5_000,
  total_ms: 60_000,
};
const CONFIG = {
  timeouts: TIMEOUTS,
  providers: {
    chat: { kind: 'openai-compatible', base_url: 'https://chat.example.com/v1', key: 'env:PROVIDER_KEY' },
    messages: { kind: 'anthropic', base_url: 'https://messages.example.com/v1', key: 'env:PROVIDER_KEY' },
    healthy: { kind: 'simulated', simulate: { like: 'gemini' } },
  },
  models: {
    chat: { targets: ['chat/m', 'healthy/gemini-2.5-flash'] },
    messages: { targets: ['messages/claude-sonnet-4-5', 'healthy/gemini-2.5-flash'] },
  },
};

interface Scene {
  readonly made: World;
  readonly sent: Sent;
  readonly transport: ScriptedTransport;
}

async function scene(request: SentRequest, steps: readonly Step[]): Promise<Scene> {
  let clock: Clock | null = null;
  const transport = scriptedTransport(() => clock!, steps);
  const made = await createWorld({ seed: 3, config: CONFIG, transport });
  clock = made.virtual.clock;
  return { made, sent: made.send(request), transport };
}

async function ended({ made, sent }: Scene): Promise<RequestFinished> {
  expect(await made.virtual.clock.runUntil(sent.done, 600_000)).toBe(true);
  await made.virtual.clock.advance(600_000);
  expect(violations(made, [sent])).toEqual([]);
  return made.events.find((event) => event.type === 'request-finished')!;
}

function chat(stream: boolean, special: JsonObject = {}): SentRequest {
  return {
    surface: 'chat',
    body: {
      model: 'chat',
      stream,
      messages: [{ role: 'user', content: 'Count to 30, please.' }],
      ...special,
    },
  };
}

const FROM_MESSAGES_CLIENT: SentRequest = {
  surface: 'messages',
  body: {
    model: 'chat',
    stream: true,
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Count to 30.' }],
  },
};

const EVENTS = 'text/event-stream';
const ROLE = say('data: {"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n');
const HELLO = say('data: {"id":"x","choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n');
const STOP = say('data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n');
const DONE = say('data: [DONE]\n\n');
const WHOLE = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});
const END: Step = { type: 'end' };
const RESET: Step = { type: 'break', failure: 'reset' };

// The policy under which a stream that breaks off is not gone on with.
const TELL = { 'x-bellwether-resume': 'error' };

describe('an answer that was whole before its connection went wrong', () => {
  it.each([
    ['passed through, reset behind the terminator', chat(true), [HELLO, STOP, DONE, RESET]],
    ['passed through, reset behind the finish', chat(true), [HELLO, STOP, RESET]],
    ['passed through, never closed', chat(true), [HELLO, STOP, DONE]],
    [
      'passed through, never closed but kept alive',
      chat(true),
      [HELLO, STOP, DONE, ...again(wait(1_000), say(': hm\n\n'))],
    ],
    ['translated, reset behind the finish', FROM_MESSAGES_CLIENT, [HELLO, STOP, RESET]],
    ['translated, never closed', FROM_MESSAGES_CLIENT, [HELLO, STOP, DONE]],
  ] as const)('is whole: %s', async (_name, request, steps) => {
    const played = await scene(request, [head(200, EVENTS), ...steps]);
    const finished = await ended(played);
    expect(finished).toMatchObject({ status: 200, error: null, target: 'chat/m', attempts: [{ number: 1 }] });
    expect(played.sent.sink).toMatchObject({ ending: 'whole', spokeAfterEnd: false });
    expect(played.sent.sink.body.split('[DONE]').length - 1).toBe(request.surface === 'chat' ? 1 : 0);
    expect(finished.durationMs).toBeLessThan(7_000);
  });

  it('is whole for a client that leaves behind the end', async () => {
    const played = await scene(chat(true), [head(200, EVENTS), HELLO, STOP, DONE]);
    await played.made.virtual.clock.runUntil(() => played.sent.sink.body.includes('[DONE]'), 1_000);
    played.sent.sink.leave();
    expect(await ended(played)).toMatchObject({ status: 200, error: null });
  });
});

describe('an answer whose connection breaks inside an event', () => {
  it.each([
    ['passed through, reset', chat(true), RESET, /^upstream_unavailable$/],
    ['passed through, closed', chat(true), END, /^upstream_broken_off$/],
    ['translated, reset', FROM_MESSAGES_CLIENT, RESET, /^upstream_unavailable$/],
    ['translated, closed', FROM_MESSAGES_CLIENT, END, /^upstream_(?:broken_off|garbled)$/],
  ])('is told, and the half event goes nowhere: %s', async (...[, request, ending, kind]) => {
    const half = say('data: {"id":"x","choices":[{"index":0,"delta":{"content":"bro');
    const played = await scene({ ...request, headers: TELL }, [head(200, EVENTS), HELLO, half, ending]);
    expect((await ended(played)).error?.kind).toMatch(kind);
    expect(played.sent.sink.ending).toBe('cut');
    for (const [, data = ''] of played.sent.sink.body.matchAll(/^data: (.*)$/gm)) JSON.parse(data);
  });
});

describe('an answer that never gets to the point', () => {
  it.each([
    ['an error whose body hangs', [head(503, 'application/json'), say('{"error":')]],
    ['an error whose body has no end', [head(500), ...again(say('x'.repeat(64_000)), wait(10))]],
    ['a stream of comments', [head(200, EVENTS), ...again(say(': hm\n\n'), wait(1_000))]],
    ['a stream that only says who speaks', [head(200, EVENTS), ...again(ROLE, wait(1_000))]],
    ['no content', [head(204)]],
    ['no content, ended', [head(204), END]],
    ['an empty body', [head(200, EVENTS), END]],
    ['a web page', [head(200, 'text/html'), say('<html>'), END]],
    ['a redirect', [head(302), END]],
  ] as const)('is replaced: %s', async (_name, steps) => {
    for (const stream of [true, false]) {
      const finished = await ended(await scene(chat(stream), steps));
      expect(finished).toMatchObject({ status: 200, target: 'healthy/gemini-2.5-flash' });
      expect(finished.attempts[0]?.durationMs).toBeLessThan(7_000);
    }
  });

  it('is broken off where it goes on without end', async () => {
    const endless = [head(500), ...again(say('x'.repeat(64_000)), wait(10))];
    const played = await scene(chat(true), endless);
    await ended(played);
    expect(played.transport.calls.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it.each([
    ['comments', ': hm\n\n'],
    ['empty pieces', 'data: {"id":"x","choices":[{"index":0,"delta":{}}]}\n\n'],
  ])('is cut where it only sends %s after content', async (name, text) => {
    const steps = [head(200, EVENTS), HELLO, ...again(wait(1_000), say(text))];
    const played = await scene({ ...chat(true), headers: TELL }, steps);
    const finished = await ended(played);
    // An empty piece is not told from a full one without reading it, which is not done behind the first content.
    expect(finished.error?.kind).toBe(name === 'comments' ? 'upstream_timeout' : 'deadline_exceeded');
    expect(played.sent.sink.ending).toBe('cut');
  });

  it('is cut where Anthropic only pings after content', async () => {
    const start = [
      head(200, EVENTS),
      say(
        'event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
      ),
      say(
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
      ),
      say(
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n',
      ),
    ];
    const pings = again(wait(1_000), say('event: ping\ndata: {"type":"ping"}\n\n'));
    const body = {
      model: 'messages',
      stream: true,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hi' }],
    };
    const played = await scene({ surface: 'messages', body, headers: TELL }, [...start, ...pings]);
    expect(await ended(played)).toMatchObject({ error: { kind: 'upstream_timeout' } });
  });
});

describe('an answer in another form than the one that was asked for', () => {
  it.each([
    ['named so', 'application/json'],
    ['not named', undefined],
    ['named text', 'text/plain'],
  ])('is streamed where it is whole, %s', async (_name, type) => {
    for (const request of [chat(true), FROM_MESSAGES_CLIENT]) {
      const played = await scene(request, [
        head(200, type),
        say(`\n${WHOLE.slice(0, 20)}`),
        say(WHOLE.slice(20)),
        END,
      ]);
      expect(await ended(played)).toMatchObject({ status: 200, target: 'chat/m', usage: { output: 1 } });
      expect(played.sent.sink.body).toContain('Hello');
    }
  });

  it('is passed through where a stream is not named one', async () => {
    const played = await scene(chat(true), [head(200), ROLE, HELLO, STOP, DONE, END]);
    expect(await ended(played)).toMatchObject({ status: 200, target: 'chat/m' });
  });

  it('is replaced where it streams to a client that asked for none', async () => {
    const played = await scene(chat(false), [head(200, EVENTS), HELLO, STOP, DONE, END]);
    expect(await ended(played)).toMatchObject({ status: 200, target: 'healthy/gemini-2.5-flash' });
  });

  it.each([
    ['passed through', chat(true)],
    ['translated', FROM_MESSAGES_CLIENT],
  ])('ends once where the provider ends twice, %s', async (_name, request) => {
    const played = await scene(request, [
      head(200, EVENTS),
      HELLO,
      STOP,
      STOP,
      DONE,
      say(': bye\n\n'),
      DONE,
      END,
    ]);
    expect(await ended(played)).toMatchObject({ status: 200, target: 'chat/m' });
    expect(played.sent.sink.body.match(/event: message_stop|\[DONE\]/g)).toHaveLength(1);
  });
});

describe('a client that leaves', () => {
  it.each([
    ['before the head', 0, []],
    ['while an error is read', 500, [head(503), say('{')]],
    ['while nothing but comments has come', 500, [head(200, EVENTS), say(': hm\n\n')]],
    ['while a whole answer is collected', 500, [head(200, 'application/json'), say(WHOLE.slice(0, 30))]],
  ] as const)('ends the attempt: %s', async (_name, afterMs, steps) => {
    for (const request of [chat(true), chat(false), FROM_MESSAGES_CLIENT]) {
      const played = await scene(request, steps);
      await played.made.virtual.clock.advance(afterMs);
      played.sent.sink.leave();
      const finished = await ended(played);
      expect(finished).toMatchObject({ status: 499, error: { kind: 'client_closed' } });
      expect(finished.attempts).toHaveLength(1);
      expect(played.transport.calls.map(({ aborted }) => aborted)).toEqual([true]);
      expect(played.sent.sink.body).toBe('');
    }
  });

  it('during the wait before a repetition is not waited for', async () => {
    const busy = [head(429), say('{"error":{"message":"slow down","code":"rate_limit_exceeded"}}'), END];
    const request = { ...chat(true, { model: 'chat/m' }) };
    const played = await scene(request, busy);
    await played.made.virtual.clock.runUntil(
      () => played.made.events.some(({ type }) => type === 'attempt-finished'),
      1_000,
    );
    played.sent.sink.leave();
    const finished = await ended(played);
    expect(finished).toMatchObject({ status: 499, error: { kind: 'client_closed' } });
    expect(finished.attempts).toHaveLength(1);
    expect(finished.durationMs).toBeLessThan(10);
  });
});

describe('a deadline', () => {
  it.each([
    [
      'before anything was sent is an answer of its own',
      [head(200, EVENTS), say(': hm\n\n'), ROLE],
      504,
      'whole',
    ],
    ['in the middle of a stream is told inside it', [head(200, EVENTS), ROLE, HELLO], 200, 'cut'],
    [
      'during an answer that is collected',
      [head(200, 'application/json'), say(WHOLE.slice(0, 30))],
      504,
      'whole',
    ],
  ] as const)('%s', async (_name, steps, status, ending) => {
    for (const request of [chat(true), FROM_MESSAGES_CLIENT]) {
      // With another target left, one may not use up all of the time.
      const headers = { 'x-bellwether-timeout-ms': '2500', 'x-bellwether-fallback': 'off' };
      const played = await scene({ ...request, headers }, steps);
      const finished = await ended(played);
      expect(finished).toMatchObject({ error: { kind: 'deadline_exceeded' }, durationMs: 2_500 });
      expect(played.sent.sink).toMatchObject({ status, ending });
      expect(played.sent.sink.body).toContain('"error"');
    }
  });
});

describe('a provider that hangs while another could answer', () => {
  it.each([
    ['streamed, before its first word', true, [head(200, EVENTS), ROLE]],
    ['whole, before its body', false, [head(200, 'application/json')]],
    ['whole, in the middle of its body', false, [head(200, 'application/json'), say(WHOLE.slice(0, 30))]],
  ] as const)('gets half of the time at most: %s', async (_name, stream, steps) => {
    const headers = { 'x-bellwether-timeout-ms': '8000' };
    const finished = await ended(await scene({ ...chat(stream), headers }, steps));
    expect(finished).toMatchObject({ status: 200, target: 'healthy/gemini-2.5-flash' });
    expect(finished.attempts[0]?.durationMs).toBeLessThanOrEqual(4_001);
    // The caller was in a hurry, which says nothing about the target.
    expect(finished.attempts[0]?.outcome).toMatchObject({ kind: 'upstream_timeout' });
  });
});

describe('a count that is no count', () => {
  it.each([1.5, -3, 1e300, '12', null, [], true])(
    '%j is not taken, and the request ends all the same',
    async (count) => {
      const usage = { prompt_tokens: count, completion_tokens: count, total_tokens: count };
      const tail = say(`data: ${JSON.stringify({ id: 'x', choices: [], usage })}\n\n`);
      for (const request of [chat(true), FROM_MESSAGES_CLIENT]) {
        const finished = await ended(await scene(request, [head(200, EVENTS), HELLO, STOP, tail, DONE, END]));
        expect(finished.status).toBe(200);
        expect(Number.isSafeInteger(finished.usage?.input)).toBe(true);
        expect(finished.usage?.output).toBeGreaterThanOrEqual(0);
      }
    },
  );

  it.each([1.5, -3, 1e300, '12'])('%j is not taken from Anthropic either', async (count) => {
    const usage = { input_tokens: count, output_tokens: count, cache_read_input_tokens: count };
    const message = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'c',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage,
    };
    const body = { model: 'messages', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };
    const steps = [head(200, 'application/json'), say(JSON.stringify(message)), END];
    for (const surface of ['messages', 'chat'] as const) {
      const finished = await ended(await scene({ surface, body }, steps));
      expect(finished).toMatchObject({ status: 200, target: 'messages/claude-sonnet-4-5' });
      expect(Number.isSafeInteger(finished.usage?.input)).toBe(true);
    }
  });
});

describe('the wall clock', () => {
  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('may be set %s while a request is under way', async (_name, stepMs) => {
    const played = await scene(chat(true), [head(200, EVENTS), wait(1_000), RESET]);
    await played.made.virtual.clock.advance(500);
    played.made.virtual.clock.stepWall(stepMs);
    const finished = await ended(played);
    expect(finished).toMatchObject({ status: 200, target: 'healthy/gemini-2.5-flash' });
    expect(finished.attempts[1]?.startedAtMs).toBe(finished.startedAtMs + 1_001);
  });

  it('does not stretch a deadline when it is set back', async () => {
    const played = await scene(
      { ...chat(true), headers: { 'x-bellwether-timeout-ms': '4000', 'x-bellwether-fallback': 'off' } },
      [head(200, EVENTS), wait(1_000), RESET],
    );
    await played.made.virtual.clock.advance(500);
    played.made.virtual.clock.stepWall(-3_600_000);
    const finished = await ended(played);
    expect(finished.durationMs).toBeLessThanOrEqual(4_001);
  });
});
