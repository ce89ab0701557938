import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/testing.ts';
import { createWorld, type Sent, type World } from '../sim/world.ts';

const CONFIG = {
  providers: { sim: { kind: 'simulated' } },
  models: {
    chat: { targets: ['sim/gpt-4.1'] },
    kept: { targets: ['sim/gpt-4.1'], failover: { keep_answers_s: 3_600 } },
    slow: { targets: ['sim/gpt-4.1#slow:5000'] },
    'kept-slow': { targets: ['sim/gpt-4.1#slow:5000'], failover: { keep_answers_s: 3_600 } },
    broken: { targets: ['sim/gpt-4.1#500'] },
  },
  failover: { probes: false },
};

const CLIENT = { header: () => undefined };

function world(seed = 1): Promise<World> {
  return createWorld({ seed, config: CONFIG });
}

interface Asking {
  readonly model?: string;
  readonly key?: string;
  readonly stream?: boolean;
  readonly surface?: 'chat' | 'messages';
  readonly words?: string;
}

function ask(w: World, asking: Asking = {}): Sent {
  const { model = 'chat', key = 'order-1', stream = true, surface = 'chat', words = 'Tell a tale' } = asking;
  return w.send({
    surface,
    headers: { 'idempotency-key': key },
    body: { model, stream, max_tokens: 200, messages: [{ role: 'user', content: words }] },
  });
}

async function over({ virtual }: World, ...all: readonly Sent[]): Promise<void> {
  expect(await virtual.clock.runUntil(() => all.every((sent) => sent.done()), 600_000)).toBe(true);
}

function attempts({ events }: World): number {
  return events.filter(({ type }) => type === 'attempt-finished').length;
}

describe.each(['chat', 'messages'] as const)('a repetition on %s', (surface) => {
  it.each([true, false])('gets the same bytes without another call (stream: %s)', async (stream) => {
    const w = await world();
    const first = ask(w, { surface, stream });
    await over(w, first);
    const again = ask(w, { surface, stream });
    await over(w, again);
    expect(again.sink.body).toBe(first.sink.body);
    expect(again.sink.body.length).toBeGreaterThan(100);
    expect(again.sink).toMatchObject({ status: 200, ending: 'whole', begun: 1 });
    expect(again.sink.headers.get('idempotent-replayed')).toBe('true');
    expect(again.sink.headers.get('x-bellwether-request-id')).toBe(
      first.sink.headers.get('x-bellwether-request-id'),
    );
    expect(attempts(w)).toBe(1);
    const finished = w.events.filter((event) => event.type === 'request-finished');
    expect(finished.map(({ status, attempts: made }) => [status, made.length])).toEqual([
      [200, 1],
      [200, 0],
    ]);
    expect(finished[1]).toMatchObject({ costNanodollars: 0n, keyId: 'key_sim' });
  });

  it('with another body is told so with 422, in the envelope of its API', async () => {
    const w = await world();
    const first = ask(w, { surface, stream: false });
    await over(w, first);
    const other = ask(w, { surface, stream: false, words: 'Another tale' });
    await over(w, other);
    expect(other.sink.status).toBe(422);
    const { error } = JSON.parse(other.sink.body);
    expect([error.type, error.message]).toEqual([
      'invalid_request_error',
      expect.stringContaining('Idempotency-Key was used before with another request'),
    ]);
    expect(attempts(w)).toBe(1);
  });

  it('with a header that is none is told so with 400', async () => {
    const w = await world();
    const bad = ask(w, { surface, key: 'x'.repeat(300) });
    await over(w, bad);
    expect([bad.sink.status, bad.sink.body]).toEqual([400, expect.stringContaining('Idempotency-Key')]);
    expect(attempts(w)).toBe(0);
  });
});

describe('a request with a key', () => {
  it('that failed runs again', async () => {
    const w = await world();
    const first = ask(w, { model: 'broken' });
    await over(w, first);
    expect(first.sink.status).toBeGreaterThanOrEqual(500);
    const before = attempts(w);
    const again = ask(w, { model: 'broken' });
    await over(w, again);
    expect(attempts(w)).toBeGreaterThan(before);
    expect(again.sink.headers.has('idempotent-replayed')).toBe(false);
  });

  it('whose client leaves alone is given up, and runs again', async () => {
    const w = await world();
    const first = ask(w, { model: 'slow' });
    await w.virtual.clock.advance(1_000);
    first.sink.leave();
    await over(w, first);
    expect(w.events.at(-1)).toMatchObject({ type: 'request-finished', status: 499 });
    const again = ask(w, { model: 'slow' });
    await over(w, again);
    expect(again.sink).toMatchObject({ status: 200, ending: 'whole' });
    expect(again.sink.headers.has('idempotent-replayed')).toBe(false);
  });

  it('whose client leaves while another waits for the same is finished for that one', async () => {
    const w = await world();
    const first = ask(w, { model: 'slow' });
    await w.virtual.clock.advance(1_000);
    const other = ask(w, { model: 'slow' });
    await w.virtual.clock.advance(1_000);
    first.sink.leave();
    await over(w, first, other);
    expect(other.sink).toMatchObject({ status: 200, ending: 'whole' });
    expect(attempts(w)).toBe(1);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('runs once, whoever comes and goes when (seed %i)', async (seed) => {
    const w = await world(seed);
    const random = seededRandom(seed);
    const stayed: Sent[] = [];
    const all: Sent[] = [];
    for (let n = 0; n < 25; n += 1) {
      const sent = ask(w, { model: random.next() < 0.5 ? 'chat' : 'slow', key: 'same' });
      all.push(sent);
      await w.virtual.clock.advance(random.next() * 400);
      // The first one stays, so that the call is never given up.
      if (n > 0 && random.next() < 0.3) sent.sink.leave();
      else stayed.push(sent);
    }
    await over(w, ...all);
    const answered = stayed.filter(({ sink }) => sink.status === 200);
    const [one] = answered;
    expect(attempts(w)).toBe(1);
    expect(answered.length).toBeGreaterThan(1);
    for (const { sink } of answered) expect([sink.body, sink.ending]).toEqual([one?.sink.body, 'whole']);
    // Those that asked for the other model have another body.
    expect(new Set(stayed.map(({ sink }) => sink.status))).toEqual(new Set([200, 422]));
    expect(stayed.every(({ sink }) => sink.begun === 1 && !sink.spokeAfterEnd)).toBe(true);
  });

  it('leaves no timer and nothing under way behind', async () => {
    const w = await world();
    const before = w.virtual.clock.timers;
    const sent = Array.from({ length: 20 }, (_, n) => ask(w, { key: `k${n % 5}` }));
    await over(w, ...sent);
    await w.virtual.clock.advance(1_000);
    expect(w.composed.gateway.inFlight).toBe(0);
    expect(w.virtual.clock.timers).toBe(before);
  });
});

describe('an answer that is kept for its client', () => {
  it.each([true, false])('is finished after it left, and can be fetched (stream: %s)', async (stream) => {
    const w = await world();
    const reference = ask(w, { model: 'slow', key: 'reference', stream });
    await over(w, reference);
    const sent = w.send({ surface: 'chat', body: { ...Object(reference.request.body), model: 'kept-slow' } });
    await w.virtual.clock.advance(2_000);
    const started = w.events.filter((event) => event.type === 'request-started').at(-1);
    const id = started?.type === 'request-started' ? started.requestId : '';
    sent.sink.leave();
    expect(await w.composed.gateway.answerOf(CLIENT, id)).toEqual({ type: 'running' });
    await over(w, sent);
    const found = await w.composed.gateway.answerOf(CLIENT, id);
    expect(found).toMatchObject({ type: 'answer', answer: { status: 200, whole: true, stream } });
    const finished = w.events.filter((event) => event.type === 'request-finished').at(-1);
    expect(finished).toMatchObject({ status: 200, requestId: id });
    expect(found.type === 'answer' && found.answer.body.length).toBeGreaterThan(100);
    expect(sent.sink.body).toBe('');
    expect(await w.composed.gateway.answerOf(CLIENT, 'req_other')).toEqual({ type: 'unknown' });
  });

  it('reaches a client that stays as ever, and can be fetched too', async () => {
    const w = await world();
    const sent = ask(w, { model: 'kept' });
    await over(w, sent);
    const id = sent.sink.headers.get('x-bellwether-request-id') ?? '';
    const found = await w.composed.gateway.answerOf(CLIENT, id);
    expect(found).toMatchObject({ type: 'answer', answer: { body: sent.sink.body } });
  });

  it('ends at the deadline of its request', async () => {
    const w = await createWorld({
      seed: 1,
      config: {
        ...CONFIG,
        models: {
          hanging: {
            targets: ['sim/gpt-4.1#hang'],
            failover: { keep_answers_s: 60 },
            timeouts: { first_byte_ms: 100_000, first_token_ms: 100_000, total_ms: 5_000 },
          },
        },
      },
    });
    const sent = w.send({
      surface: 'chat',
      body: { model: 'hanging', messages: [{ role: 'user', content: 'Hi' }] },
    });
    await w.virtual.clock.advance(1_000);
    sent.sink.leave();
    await w.virtual.clock.advance(4_100);
    expect(sent.done()).toBe(true);
    expect(w.composed.gateway.inFlight).toBe(0);
  });
});
