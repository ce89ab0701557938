import { describe, expect, it } from 'vitest';
import { textToBytes } from '../../src/base/bytes.ts';
import { composeGateway } from '../../src/compose/compose-gateway.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { admit } from '../../src/gateway/admit.ts';
import { probe } from '../../src/gateway/probe.ts';
import { testRun } from '../../src/gateway/testing/run.ts';
import { targetsOf } from '../../src/routing/route.ts';
import { GatewayError } from '../../src/spec/error.ts';
import { CHAT_COMPLETIONS, EMBEDDINGS } from '../../src/server/inference/surfaces.ts';
import { RecordingSink, virtualRuntime } from '../../src/testing.ts';
import {
  ask,
  END,
  ended,
  JSON_HEAD,
  netOf,
  providerOf,
  STREAMED,
  WELL,
  whole,
} from './scripted-providers.ts';
import { head, say, scriptedTransport, wait, type Step } from './scripted-transport.ts';

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

describe('a request that the gateway ends while it waits', () => {
  it('is told so, and asks nobody any more', async () => {
    const limited: readonly Step[] = [
      { type: 'head', status: 429, headers: [['retry-after', '5']] },
      say('{"error":{"message":"slow down"}}'),
      END,
    ];
    const { made, calls } = await netOf({ a: [limited, WELL] }, { targets: ['a'] });
    const sent = made.send(ask(false));
    await made.virtual.clock.advance(1_000);
    made.composed.gateway.interrupt(new GatewayError('shutting_down', 'It is stopped.'));
    const event = await ended(made, sent);
    expect(event).toMatchObject({ error: { kind: 'shutting_down' }, status: 503 });
    expect(event.durationMs).toBe(1_000);
    expect(calls('a')).toBe(1);
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

const CALLER = {
  keyId: 'key_test',
  name: 'test',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
} as const;
