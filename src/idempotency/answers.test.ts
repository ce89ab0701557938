import { describe, expect, it } from 'vitest';
import { MemoryAnswerStore } from '../store/memory/answer-store.ts';
import type { AnswerStore } from '../store/store.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { settled } from '../testing/virtual-clock.ts';
import { bytes, CONFIG, first, setUp } from './testing/fixture.ts';

describe('a repetition', () => {
  it('gets the whole answer of the first, with a header that says so', async () => {
    const { ask } = setUp();
    const client = new RecordingSink();
    (await first(ask(client))).answer(200, ['x-a', '1'], bytes('{"n":1}'));
    const again = new RecordingSink();
    expect(await ask(again)).toEqual({ type: 'replayed', status: 200, bytes: 7 });
    expect([client.body, again.body]).toEqual(['{"n":1}', '{"n":1}']);
    expect(client.headers.has('idempotent-replayed')).toBe(false);
    expect([...again.headers]).toEqual([
      ['x-a', '1'],
      ['idempotent-replayed', 'true'],
    ]);
  });

  it('gets a stream as a stream, with the same bytes and trailers', async () => {
    const { ask } = setUp();
    const client = new RecordingSink();
    const out = await first(ask(client));
    out.open(['x-a', '1']);
    for (const piece of ['data: 1\n\n', 'data: \u00e9\n\n', 'data: [DONE]\n\n']) out.write(bytes(piece));
    out.end(['x-cost', '2']);
    const again = new RecordingSink();
    await ask(again);
    expect(again.body).toBe(client.body);
    expect(again).toMatchObject({ ending: 'whole', status: 200, begun: 1 });
    expect(again.trailers.get('x-cost')).toBe('2');
  });

  it.each([200, 201, 400, 413, 415, 422])('gets the answer %i again', async (status) => {
    const { ask } = setUp();
    (await first(ask(new RecordingSink()))).answer(status, [], bytes('{}'));
    expect(await ask(new RecordingSink())).toMatchObject({ type: 'replayed', status });
  });

  it.each([401, 402, 403, 404, 408, 409, 429, 499, 500, 502, 503, 504])(
    'runs again after %i',
    async (status) => {
      const { ask } = setUp();
      (await first(ask(new RecordingSink()))).answer(status, [], bytes('{}'));
      expect((await ask(new RecordingSink())).type).toBe('run');
    },
  );

  it('runs again after a stream that broke off', async () => {
    const { ask } = setUp();
    const out = await first(ask(new RecordingSink()));
    out.open([]);
    out.write(bytes('data: half'));
    out.cut();
    expect((await ask(new RecordingSink())).type).toBe('run');
  });

  it('with another body is refused, under way and afterwards', async () => {
    const { ask } = setUp();
    const out = await first(ask(new RecordingSink()));
    const refusal = { type: 'refused', kind: 'idempotency_mismatch' };
    expect(await ask(new RecordingSink(), { content: 'POST {"other":1}' })).toMatchObject(refusal);
    out.answer(200, [], bytes('{}'));
    expect(await ask(new RecordingSink(), { content: 'POST {"other":1}' })).toMatchObject(refusal);
  });

  it('of another caller is another request', async () => {
    const { ask } = setUp();
    (await first(ask(new RecordingSink()))).answer(200, [], bytes('secret'));
    expect((await ask(new RecordingSink(), { keyId: 'other' })).type).toBe('run');
    // No way to write caller and key may make two of them one.
    expect((await ask(new RecordingSink(), { keyId: 'tenant\nk1', key: 'x' })).type).toBe('run');
  });

  it('of a too large answer is refused, and the first client gets it whole', async () => {
    const { ask, answers } = setUp();
    const client = new RecordingSink();
    const out = await first(ask(client));
    out.open([]);
    for (let n = 0; n < 20; n += 1) out.write(bytes('x'.repeat(100)));
    const meanwhile = new RecordingSink();
    expect(await ask(meanwhile)).toMatchObject({ type: 'refused', kind: 'conflict' });
    out.end([]);
    expect(client.body).toHaveLength(2_000);
    expect(await ask(new RecordingSink())).toMatchObject({ type: 'refused', kind: 'conflict' });
    await answers.close();
  });

  it('runs again when the time is over', async () => {
    const { ask, clock } = setUp();
    (await first(ask(new RecordingSink()))).answer(200, [], bytes('{}'));
    clock.advanceAtOnce(CONFIG.keepMs - 1);
    expect((await ask(new RecordingSink())).type).toBe('replayed');
    await clock.advance(2);
    expect((await ask(new RecordingSink())).type).toBe('run');
  });
});

describe('a key', () => {
  it.each([
    ['empty', ''],
    ['blank', '  '],
    ['too long', 'x'.repeat(256)],
    ['with a control character', 'a\tb'],
    ['with a NUL', 'a\u0000'],
  ])('that is %s is refused by name', async (_, key) => {
    const refused = await setUp().ask(new RecordingSink(), { key });
    expect(refused).toMatchObject({ type: 'refused', kind: 'invalid_request' });
    expect(refused.type === 'refused' && refused.message).toContain('Idempotency-Key');
  });

  it('may have 255 characters', async () => {
    expect((await setUp().ask(new RecordingSink(), { key: 'x'.repeat(255) })).type).toBe('run');
  });
});

describe('the store', () => {
  it('gives answers again after a restart', async () => {
    const before = setUp();
    const out = await first(before.ask(new RecordingSink()));
    out.open(['x-a', '1']);
    out.write(bytes('data: 1\n\n'));
    out.end([]);
    await before.answers.close();
    const after = setUp(before.store);
    const again = new RecordingSink();
    expect(await after.ask(again)).toMatchObject({ type: 'replayed' });
    expect(again).toMatchObject({ body: 'data: 1\n\n', ending: 'whole' });
    expect(await after.ask(new RecordingSink(), { content: 'other' })).toMatchObject({ type: 'refused' });
  });

  const hanging = (): Promise<never> => new Promise(() => undefined);
  const throwing = (): never => {
    throw new Error('broken');
  };
  const failing = async (): Promise<never> => {
    throw new Error('dead');
  };
  it.each([
    ['hangs', hanging],
    ['throws', throwing],
    ['fails', failing],
  ])('that %s costs a request 200 ms at most, once, and is told of once', async (_, method) => {
    const { ask, clock, virtual } = setUp({ put: method, get: method, prune: method });
    const startMs = clock.monotonicMs();
    let runs = 0;
    for (let n = 0; n < 10; n += 1) {
      const begun = ask(new RecordingSink(), { key: `k${n}` });
      void begun.then(({ type }) => {
        runs += type === 'run' ? 1 : 0;
      });
      await clock.runUntil(() => runs === n + 1, 1_000);
    }
    expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(200);
    expect(virtual.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    // Repetitions are recognised in memory all the same.
    const out = await first(ask(new RecordingSink(), { key: 'again' }));
    out.answer(200, [], bytes('{}'));
    expect((await ask(new RecordingSink(), { key: 'again' })).type).toBe('replayed');
    await clock.advance(600_000);
    expect(virtual.lines.filter(({ level }) => level === 'error').length).toBeLessThanOrEqual(1);
  });

  it('is written to again by itself when it works again', async () => {
    const real = new MemoryAnswerStore();
    let dead = true;
    const store: AnswerStore = {
      get: (id) => (dead ? failing() : real.get(id)),
      put: (rows) => (dead ? failing() : real.put(rows)),
      prune: (pruning) => real.prune(pruning),
    };
    const { ask, clock, virtual } = setUp(store);
    (await first(ask(new RecordingSink()))).answer(200, [], bytes('{}'));
    await clock.advance(60_000);
    dead = false;
    await clock.advance(15_000);
    expect(await setUp(store).ask(new RecordingSink())).toMatchObject({ type: 'replayed' });
    expect(virtual.lines.map(({ message }) => message)).toContain(
      'Answers can be written to the store again.',
    );
  });
});

describe('memory', () => {
  it('is bounded by number, the oldest go first', async () => {
    const { ask } = setUp(
      { put: async () => {}, get: async () => null, prune: async () => {} },
      { ...CONFIG, entriesMax: 3 },
    );
    for (let n = 0; n < 5; n += 1) {
      (await first(ask(new RecordingSink(), { key: `k${n}` }))).answer(200, [], bytes('{}'));
    }
    const types = await Promise.all(
      [0, 1, 2, 3, 4].map(async (n) => (await ask(new RecordingSink(), { key: `k${n}` })).type),
    );
    expect(types).toEqual(['run', 'run', 'replayed', 'replayed', 'replayed']);
  });
});

describe('an answer that is kept for its client', () => {
  const kept = { requestId: 'req_1', keyId: 'tenant', keepMs: 60_000 };

  it('is finished without it, and found by its own key only', async () => {
    const { answers, clock } = setUp();
    const client = new RecordingSink();
    const out = answers.keep(client, kept);
    let left = 0;
    out.onClose(() => {
      left += 1;
    });
    out.open(['x-a', '1']);
    out.write(bytes('one '));
    client.leave();
    expect([out.closed, left]).toEqual([false, 0]);
    expect(await answers.find('tenant', 'req_1')).toEqual({ type: 'running' });
    expect(await answers.find('other', 'req_1')).toEqual({ type: 'unknown' });
    out.write(bytes('two'));
    out.end([]);
    const found = await answers.find('tenant', 'req_1');
    expect(found).toMatchObject({ type: 'answer', answer: { body: 'one two', stream: true, whole: true } });
    expect(client.body).toBe('one ');
    expect(await answers.find('other', 'req_1')).toEqual({ type: 'unknown' });
    expect(await answers.find('tenant', 'req_2')).toEqual({ type: 'unknown' });
    await clock.advance(61_000);
    expect(await answers.find('tenant', 'req_1')).toEqual({ type: 'expired' });
  });

  it('is found after a restart, an error as it was told', async () => {
    const before = setUp();
    before.answers.keep(new RecordingSink(), kept).answer(502, [], bytes('{"error":1}'));
    await before.answers.close();
    const found = await setUp(before.store).answers.find('tenant', 'req_1');
    expect(found).toMatchObject({ type: 'answer', answer: { status: 502, body: '{"error":1}' } });
  });

  it('is written at the close also where the writing of others is under way', async () => {
    const stored: string[] = [];
    const inner = new MemoryAnswerStore();
    let goOn: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow: AnswerStore = {
      get: (id) => inner.get(id),
      prune: (pruning) => inner.prune(pruning),
      put: async (kept) => {
        await gate;
        stored.push(...kept.map(({ id }) => id));
      },
    };
    const { answers, clock } = setUp(slow);
    answers.keep(new RecordingSink(), kept).answer(200, [], bytes('1'));
    await clock.advance(100);
    answers.keep(new RecordingSink(), { ...kept, requestId: 'req_2' }).answer(200, [], bytes('2'));
    const closed = answers.close();
    goOn();
    await closed;
    expect(stored).toEqual(['req:req_1', 'req:req_2']);
  });

  it('is told of at the close where it cannot be written', async () => {
    const dead: AnswerStore = {
      get: async () => null,
      prune: async () => {},
      put: async () => {
        throw new Error('dead');
      },
    };
    const { answers, clock, virtual } = setUp(dead);
    answers.keep(new RecordingSink(), kept).answer(200, [], bytes('1'));
    await clock.advance(60_000);
    await answers.close();
    expect(virtual.lines.at(-1)).toMatchObject({ level: 'error', fields: { answers: 1 } });
  });

  it('with an idempotency key too is joined instead of run again', async () => {
    const { answers, ask } = setUp();
    const client = new RecordingSink();
    const out = answers.keep(await first(ask(client)), kept);
    client.leave();
    const again = new RecordingSink();
    const joined = ask(again);
    await settled();
    out.answer(200, [], bytes('done'));
    expect(await joined).toMatchObject({ type: 'replayed' });
    expect(again.body).toBe('done');
    expect(await answers.find('tenant', 'req_1')).toMatchObject({ answer: { body: 'done' } });
  });
});
