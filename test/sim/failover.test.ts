import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { faultNamed } from '../../src/simulator/faults/names.ts';
import { createWorld, type Sent, type World } from './world.ts';

const CONFIG = {
  providers: {
    first: { kind: 'simulated', simulate: { like: 'openai' } },
    second: { kind: 'simulated', simulate: { like: 'anthropic' } },
    third: { kind: 'simulated', simulate: { like: 'gemini' } },
  },
  models: {
    m: {
      targets: ['first/gpt-4.1', 'second/claude-sonnet-4-5', 'third/gemini-2.5-flash'],
      timeouts: {
        first_byte_ms: 5_000,
        first_token_ms: 5_000,
        idle_ms: 5_000,
        answer_ms: 5_000,
        total_ms: 60_000,
      },
    },
    lonely: { targets: ['first/gpt-4.1'] },
  },
};

const MESSAGES = [{ role: 'user', content: 'Count to 30, please.' }];

function chat(stream: boolean, special: JsonObject = {}): Json {
  return { model: 'm', stream, messages: MESSAGES, ...special };
}

async function world(faults: { readonly [provider: string]: string } = {}): Promise<World> {
  const made = await createWorld({ seed: 7, config: CONFIG });
  for (const [provider, name] of Object.entries(faults)) fault(made, provider, name);
  return made;
}

function fault({ composed }: World, provider: string, name: string): void {
  const kind = faultNamed(name);
  if (kind === null) throw new Error(`no fault ${name}`);
  composed.simulator.setFault(provider, { kind });
}

async function ended(made: World, sent: Sent): Promise<RequestFinished> {
  expect(await made.virtual.clock.runUntil(sent.done, 600_000)).toBe(true);
  const finished = made.events.filter((event) => event.type === 'request-finished');
  expect(finished).toHaveLength(1);
  return finished[0] as RequestFinished;
}

const BEFORE_CONTENT = [
  'down',
  'refused',
  'reset',
  'hang',
  '401',
  '402',
  '403',
  '404',
  '429',
  '500',
  '503',
  '504',
  '529',
  'quota',
  'overloaded',
  'error-in-200',
  'html',
  'empty-body',
];

describe('a provider that fails before content', () => {
  for (const stream of [false, true]) {
    for (const surface of ['chat', 'messages'] as const) {
      it.each(BEFORE_CONTENT)(
        `is replaced unseen: ${surface}, ${stream ? 'streamed' : 'whole'}, %s`,
        async (name) => {
          const made = await world({ first: name, second: name });
          const sent = made.send({ surface, body: chat(stream, { max_tokens: 500 }) });
          const finished = await ended(made, sent);
          expect(finished).toMatchObject({ status: 200, target: 'third/gemini-2.5-flash', error: null });
          expect(finished.attempts.map(({ outcome }) => outcome.type)).toEqual([
            'failed',
            'failed',
            'answered',
          ]);
          expect(sent.sink).toMatchObject({ status: 200, ending: 'whole', begun: 1, spokeAfterEnd: false });
          expect(sent.sink.body).toContain('30');
          expect(sent.sink.headers.get('x-bellwether-attempts')).toBe('3');
        },
      );
    }
  }
});

// The policy under which a stream that breaks off is not gone on with.
const TELL = { 'x-bellwether-resume': 'error' };

describe('a provider that fails in the middle of a stream that is not to go on', () => {
  it.each(['cut:4', 'reset-mid:4', 'error-mid:4', 'hang-mid:4'])(
    'is told, and never passed off as whole: %s',
    async (name) => {
      for (const provider of ['first', 'second', 'third']) {
        const made = await createWorld({
          seed: 7,
          config: {
            ...CONFIG,
            models: {
              m: {
                ...CONFIG.models.m,
                targets: [CONFIG.models.m.targets.find((each) => each.startsWith(provider))!],
              },
            },
          },
        });
        fault(made, provider, name);
        const sent = made.send({ surface: 'chat', body: chat(true), headers: TELL });
        const finished = await ended(made, sent);
        expect(sent.sink).toMatchObject({ status: 200, ending: 'cut', begun: 1 });
        expect(sent.sink.body).toMatch(/data: \{"error":\{[^\n]*\}\}\n\n$/);
        expect(sent.sink.body).not.toContain('[DONE]');
        expect(finished.error).not.toBeNull();
        expect(finished.attempts.at(-1)?.usage?.source).toBe('estimated');
      }
    },
  );
});

describe('when everything fails', () => {
  it('tells the caller so in its own envelope, with every target that was tried', async () => {
    const made = await world({ first: '500', second: '529', third: '429' });
    const sent = made.send({ surface: 'chat', body: chat(false) });
    await ended(made, sent);
    expect(sent.sink.status).toBeGreaterThanOrEqual(500);
    expect(JSON.parse(sent.sink.body)).toMatchObject({
      error: { message: expect.stringMatching(/first\/gpt-4\.1.*second\/claude.*third\/gemini/) },
    });
  });

  it("never turns a provider's 401 into the caller's", async () => {
    const made = await world({ first: '401' });
    const sent = made.send({ surface: 'chat', body: chat(false, { model: 'lonely' }) });
    await ended(made, sent);
    expect(sent.sink.status).toBe(502);
    expect(sent.sink.body).not.toContain('simulated-key');
  });

  it('tries the only target once more after a transient failure, and waits in between', async () => {
    const made = await world({ first: '503' });
    const sent = made.send({ surface: 'chat', body: chat(false, { model: 'lonely' }) });
    const finished = await ended(made, sent);
    expect(finished.attempts).toHaveLength(2);
  });
});

describe('a client that leaves', () => {
  it('aborts the provider at once and still has its usage booked', async () => {
    const made = await world();
    const sent = made.send({ surface: 'chat', body: chat(true) });
    await made.virtual.clock.runUntil(() => sent.sink.body.includes('delta'), 60_000);
    sent.sink.leave();
    const finished = await ended(made, sent);
    expect(finished).toMatchObject({ status: 499, error: { kind: 'client_closed' } });
    expect(finished.attempts).toHaveLength(1);
    expect(finished.usage?.output).toBeGreaterThan(0);
    expect(finished.costNanodollars).toBeGreaterThan(0n);
    expect(made.virtual.clock.timers).toBe(0);
  });
});

describe('what a caller may ask for', () => {
  it('its own fallback list, in order', async () => {
    const made = await world({ first: 'down' });
    const sent = made.send({
      surface: 'chat',
      body: chat(false, { model: 'lonely', models: ['third/gemini-2.5-flash'] }),
    });
    expect(await ended(made, sent)).toMatchObject({ target: 'third/gemini-2.5-flash' });
  });

  it('no fallback at all', async () => {
    const made = await world({ first: '400' });
    const sent = made.send({
      surface: 'chat',
      body: chat(false),
      headers: { 'x-bellwether-fallback': 'off' },
    });
    const finished = await ended(made, sent);
    expect(finished.attempts).toHaveLength(1);
    expect(finished.status).toBe(400);
  });

  it('a deadline, which holds over all attempts', async () => {
    const made = await world({ first: 'hang', second: 'hang', third: 'hang' });
    const sent = made.send({
      surface: 'chat',
      body: chat(false),
      headers: { 'x-bellwether-timeout-ms': '7000' },
    });
    const finished = await ended(made, sent);
    expect(finished.error?.kind).toBe('deadline_exceeded');
    expect(finished.durationMs).toBeLessThanOrEqual(7_001);
    expect(sent.sink.status).toBe(504);
  });

  it('a slow reader stops the provider instead of filling memory, and loses nothing', async () => {
    const made = await world();
    const sent = made.send({ surface: 'chat', body: chat(true) });
    await made.virtual.clock.runUntil(() => sent.sink.body.includes('delta'), 60_000);
    sent.sink.block();
    await made.virtual.clock.advance(20_000);
    const held = sent.sink.body.length;
    await made.virtual.clock.advance(20_000);
    expect(sent.sink.body.length).toBe(held);
    sent.sink.drain();
    expect(await ended(made, sent)).toMatchObject({ status: 200 });
    expect(sent.sink.body).toContain('[DONE]');
  });
});
