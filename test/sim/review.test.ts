import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { textToBytes } from '../../src/base/bytes.ts';
import { composeGateway } from '../../src/compose/compose-gateway.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { admit } from '../../src/gateway/admit.ts';
import { probe } from '../../src/gateway/probe.ts';
import { testRun } from '../../src/gateway/testing/run.ts';
import { targetsOf } from '../../src/routing/route.ts';
import { CHAT_COMPLETIONS, EMBEDDINGS } from '../../src/server/inference/surfaces.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import type { Clock, Transport } from '../../src/spec/ports.ts';
import { RecordingSink, virtualRuntime } from '../../src/testing.ts';
import {
  head,
  say,
  scriptedTransport,
  wait,
  type ScriptedTransport,
  type Step,
} from './scripted-transport.ts';
import { createWorld, type Sent, type SentRequest, type World } from './world.ts';

const PROVIDERS = ['a', 'b', 'c'] as const;
type Name = (typeof PROVIDERS)[number];

interface Net {
  readonly made: World;
  readonly calls: (name: Name) => number;
}

function providerOf(name: Name, kind: string, keys: number): JsonObject {
  const refs = Array.from({ length: keys }, () => 'env:PROVIDER_KEY');
  return { kind, base_url: `https://${name}.example.com/v1`, keys: refs };
}

interface Setting {
  readonly config?: JsonObject;
  readonly failover?: JsonObject;
  readonly targets?: readonly Name[];
  readonly kind?: string;
  readonly keys?: number;
}

/** A network on which each provider plays its own script, call by call; the last script stays. */
async function netOf(
  scripts: { readonly [name in Name]?: readonly (readonly Step[])[] },
  setting: Setting = {},
): Promise<Net> {
  const { targets = ['a', 'b'], kind = 'openai-compatible', keys = 1, failover = {}, config = {} } = setting;
  let clock: Clock | null = null;
  const counts = new Map<string, number>();
  const played = new Map<string, ScriptedTransport>();
  const transport: Transport = {
    send(request, handler) {
      const name = PROVIDERS.find((each) => each === request.provider) ?? 'a';
      const number = counts.get(name) ?? 0;
      counts.set(name, number + 1);
      const all = scripts[name] ?? [];
      const steps = all[Math.min(number, all.length - 1)] ?? [];
      const one = scriptedTransport(() => clock!, steps);
      played.set(`${name}${number}`, one);
      return one.send(request, handler);
    },
    close: async () => {},
  };
  const made = await createWorld({
    seed: 7,
    transport,
    config: {
      failover: { spare_share: 0, ...failover },
      providers: Object.fromEntries(
        PROVIDERS.map((name) => [name, providerOf(name, kind, name === 'a' ? keys : 1)]),
      ),
      models: { m: { targets: targets.map((name) => `${name}/x`) } },
      ...config,
    },
  });
  clock = made.virtual.clock;
  return { made, calls: (name) => counts.get(name) ?? 0 };
}

function ask(
  stream: boolean,
  special: JsonObject = {},
  headers: { readonly [name: string]: string } = {},
): SentRequest {
  const messages: Json = [{ role: 'user', content: 'Count to 30, please.' }];
  return { surface: 'chat', headers, body: { model: 'm', stream, messages, ...special } };
}

async function ended(made: World, sent: Sent): Promise<RequestFinished> {
  expect(await made.virtual.clock.runUntil(sent.done, 3_600_000)).toBe(true);
  const found = made.events.findLast((event) => event.type === 'request-finished');
  if (found?.type !== 'request-finished') throw new Error('the request never finished');
  return found;
}

const SSE = head(200, 'text/event-stream');
const JSON_HEAD = head(200, 'application/json');
const END: Step = { type: 'end' };
const RESET: Step = { type: 'break', failure: 'reset' };

function chunk(content: string, finish: string | null = null, index = 0): Step {
  const choice = { index, delta: content === '' ? {} : { content }, finish_reason: finish };
  return say(
    `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'x', choices: [choice] })}\n\n`,
  );
}

const DONE = say('data: [DONE]\n\n');

function whole(content: string): Step {
  const message = { role: 'assistant', content };
  return say(
    JSON.stringify({
      id: 'c1',
      object: 'chat.completion',
      model: 'x',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: content.length, total_tokens: 5 + content.length },
    }),
  );
}

const WELL: readonly Step[] = [JSON_HEAD, whole('one two three'), END];
const STREAMED: readonly Step[] = [SSE, chunk('one two '), chunk('three'), chunk('', 'stop'), DONE, END];

describe('a target that cannot be connected to', () => {
  it('is left alone after a few calls, also where connecting takes its time to fail', async () => {
    const dead: readonly Step[] = [wait(2_000), { type: 'break', failure: 'connect-timeout' }];
    const { made, calls } = await netOf({ a: [dead], b: [STREAMED] });
    for (let n = 0; n < 12; n += 1) await ended(made, made.send(ask(true)));
    expect(calls('a')).toBeLessThan(8);
    expect(made.composed.health.report(['a/x'])).toMatchObject([{ state: 'open' }]);
  });
});

describe('a target that says itself that it ran out of time', () => {
  for (const status of [408, 504, 524]) {
    it(`has failed, with the status ${status}`, async () => {
      const late: readonly Step[] = [head(status, 'text/html'), say('<html>timed out</html>'), END];
      const { made } = await netOf({ a: [late], b: [STREAMED] });
      for (let n = 0; n < 6; n += 1) await ended(made, made.send(ask(true)));
      expect(made.composed.health.report(['a/x'])).toMatchObject([{ state: 'open' }]);
    });
  }
});

describe('a target whose whole answers stop in the middle', () => {
  it('has failed', async () => {
    const stalled: readonly Step[] = [JSON_HEAD, say('{"id":')];
    const { made } = await netOf({ a: [stalled], b: [WELL] });
    for (let n = 0; n < 6; n += 1) await ended(made, made.send(ask(false)));
    expect(made.composed.health.report(['a/x'])).toMatchObject([{ state: 'open' }]);
  });
});

describe('a caller in a hurry', () => {
  it('does not open the circuits of others', async () => {
    const silent: readonly Step[] = [];
    const { made } = await netOf({ a: [silent], b: [silent] });
    for (let n = 0; n < 12; n += 1)
      await ended(made, made.send(ask(n % 2 === 0, {}, { 'x-bellwether-timeout-ms': '400' })));
    expect(made.composed.health.report(['a/x', 'b/x'])).toMatchObject([
      { state: 'closed' },
      { state: 'closed' },
    ]);
  });
});

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

describe('a request that wants no fallback', () => {
  it('always goes to the first choice', async () => {
    const { made, calls } = await netOf({ a: [WELL], b: [WELL] }, { failover: { spare_share: 0.5 } });
    await made.virtual.clock.advance(120_000);
    for (let n = 0; n < 20; n += 1)
      await ended(made, made.send(ask(false, {}, { 'x-bellwether-fallback': 'off' })));
    expect(calls('a')).toBe(20);
    expect(calls('b')).toBe(0);
  });
});

describe('a caller who asks for nothing', () => {
  it('does not open the circuits of others', async () => {
    const empty: readonly Step[] = [JSON_HEAD, whole(''), END];
    const { made } = await netOf({ a: [empty], b: [empty] });
    for (let n = 0; n < 8; n += 1) {
      const sent = made.send(ask(false, { stop: ['o', 'O', '1', ' '] }));
      await ended(made, sent);
      expect(sent.sink.status).toBe(200);
    }
    expect(made.composed.health.report(['a/x', 'b/x'])).toMatchObject([
      { state: 'closed' },
      { state: 'closed' },
    ]);
  });
});

describe('a provider with many keys that are all limited', () => {
  it('leaves a call for the fallback', async () => {
    const limited: readonly Step[] = [
      head(429, 'application/json'),
      say('{"error":{"message":"slow down","type":"rate_limit_error"}}'),
      END,
    ];
    const { made } = await netOf({ a: [limited], b: [WELL] }, { keys: 12 });
    const sent = made.send(ask(false));
    const event = await ended(made, sent);
    expect(event).toMatchObject({ status: 200, target: 'b/x' });
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

describe('an outage of everything', () => {
  it('is not multiplied by the number of targets', async () => {
    const down: readonly Step[] = [head(500, 'application/json'), say('{"error":{"message":"down"}}'), END];
    const { made, calls } = await netOf({ a: [down], b: [down], c: [down] }, { targets: ['a', 'b', 'c'] });
    const sum = (): number => calls('a') + calls('b') + calls('c');
    for (let n = 0; n < 50; n += 1) await ended(made, made.send(ask(false)));
    await made.virtual.clock.advance(20_000);
    const before = sum();
    for (let n = 0; n < 200; n += 1) {
      await ended(made, made.send(ask(false)));
      await made.virtual.clock.advance(100);
    }
    // Two calls of a request are free, the rest is what the retry budgets allow.
    expect((sum() - before) / 200).toBeLessThan(2.3);
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

describe('the clock of the wall', () => {
  for (const [name, stepMs] of [
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ] as const) {
    it(`may be set ${name} while a request waits for a limit that its provider told`, async () => {
      const limited: readonly Step[] = [
        wait(1_000),
        {
          type: 'head',
          status: 429,
          headers: [
            ['content-type', 'application/json'],
            ['retry-after', '3'],
          ],
        },
        say('{"error":{"message":"slow down","type":"rate_limit_error"}}'),
        END,
      ];
      const { made } = await netOf({ a: [limited, WELL] }, { targets: ['a'] });
      const sent = made.send(ask(false));
      await made.virtual.clock.advance(500);
      made.virtual.clock.stepWall(stepMs);
      const event = await ended(made, sent);
      expect(event).toMatchObject({ status: 200 });
      expect(event.attempts[1]?.startedAtMs).toBeGreaterThanOrEqual(
        (event.attempts[0]?.startedAtMs ?? 0) + 4_000,
      );
      expect(event.durationMs).toBeLessThan(6_000);
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

describe('a check of a target', () => {
  for (const [name, steps] of [
    [
      'an error inside a 200',
      [JSON_HEAD, say('{"error":{"message":"upstream is down","type":"server_error","code":500}}'), END],
    ],
    ['a web page', [head(200, 'text/html'), say('<html>maintenance</html>'), END]],
    ['nothing', [JSON_HEAD, END]],
  ] as const) {
    it(`fails where it gets ${name}`, async () => {
      const { made } = await netOf({ a: [steps] });
      const { gateway, runtime } = made.composed;
      const [target] = targetsOf(gateway.snapshot.names.get('m')!.route);
      const asked = probe(runtime, {
        link: gateway.snapshot.providers.get('a')!,
        target: target!,
        keyIndex: 0,
        timeoutMs: 5_000,
      });
      await made.virtual.clock.advance(10);
      expect(await asked).toMatchObject({ type: 'failed' });
    });
  }
});

describe('a request for vectors', () => {
  it('is no stream, whatever it says', async () => {
    const run = await testRun({ surface: EMBEDDINGS, body: { model: 'chat/m', input: 'x', stream: true } });
    expect(admit(run).stream).toBe(false);
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

describe('a caller who names a model that the key may not use', () => {
  it('takes the key away from nobody', async () => {
    const refused: readonly Step[] = [
      head(403, 'application/json'),
      say('{"error":{"message":"Your account may not use this model.","type":"permission_error"}}'),
      END,
    ];
    const { made } = await netOf({ a: [refused, WELL] });
    await ended(made, made.send(ask(false, { model: 'a/secret-preview' })));
    expect(await ended(made, made.send(ask(false)))).toMatchObject({ status: 200, target: 'a/x' });
  });
});

describe('a prompt that is too long by itself', () => {
  it('is no limit of the rate for others', async () => {
    const message =
      'Quota exceeded for metric: x/generate_content_paid_tier_input_token_count, limit: 1000, model: x\nPlease retry in 48.9s.';
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '48s' }];
    const refused: readonly Step[] = [
      head(429, 'application/json'),
      say(JSON.stringify({ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', details } })),
      END,
    ];
    const candidate = {
      content: { parts: [{ text: 'Well.' }], role: 'model' },
      finishReason: 'STOP',
      index: 0,
    };
    const well: readonly Step[] = [JSON_HEAD, say(JSON.stringify({ candidates: [candidate] })), END];
    const { made } = await netOf({ a: [refused, well] }, { kind: 'gemini', targets: ['a'] });
    const long = ask(false, { messages: [{ role: 'user', content: 'word '.repeat(2_000) }] });
    expect(await ended(made, made.send(long))).toMatchObject({
      status: 400,
      error: { kind: 'context_too_long' },
    });
    const event = await ended(made, made.send(ask(false)));
    expect(event).toMatchObject({ status: 200 });
    expect(event.durationMs).toBeLessThan(1_000);
  });
});

describe('a secret that was replaced where it lies', () => {
  it('is used at once after a reload, though the old one was refused', async () => {
    const secrets = { 'env:PROVIDER_KEY': 'old' };
    const { runtime, clock } = virtualRuntime({
      secrets,
      transport: {
        send(request, handler) {
          const good = request.provider === 'b' || request.headers.some(([, value]) => value.endsWith('new'));
          const steps = good
            ? WELL
            : [head(401, 'application/json'), say('{"error":{"message":"Incorrect API key"}}'), END];
          return scriptedTransport(() => clock, steps).send(request, handler);
        },
        close: async () => {},
      },
    });
    const value = {
      failover: { spare_share: 0 },
      providers: { a: providerOf('a', 'openai-compatible', 1), b: providerOf('b', 'openai-compatible', 1) },
      models: { m: { targets: ['a/x', 'b/x'] } },
    };
    const { config } = loadConfig({ type: 'value', value }, runtime.secrets);
    const composed = await composeGateway({
      config,
      runtime,
      keys: { identify: () => ({ type: 'caller', caller: CALLER }) },
    });
    const targets: string[] = [];
    composed.bus.subscribe('test', (event) => {
      if (event.type === 'request-finished') targets.push(event.target ?? 'none');
    });
    const serve = async (): Promise<void> => {
      let done = false;
      const body = textToBytes(JSON.stringify(ask(false).body));
      void composed.gateway
        .serve({
          surface: CHAT_COMPLETIONS,
          path: {},
          body,
          client: { header: () => undefined },
          sink: new RecordingSink(),
        })
        .then(() => {
          done = true;
        });
      await clock.runUntil(() => done, 60_000);
    };
    await serve();
    await serve();
    secrets['env:PROVIDER_KEY'] = 'new';
    await composed.reload(config);
    await serve();
    expect(targets).toEqual(['b/x', 'b/x', 'a/x']);
  });
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
    say(list.map((each) => `event: ${String(each['type'])}\ndata: ${JSON.stringify(each)}\n\n`).join(''));

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

const CALLER = {
  keyId: 'key_test',
  name: 'test',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
} as const;
