import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryQueueStore } from '../../src/store/memory/queue-store.ts';
import type { NewJob } from '../../src/store/store.ts';
import { settled } from '../../src/testing/virtual-clock.ts';
import { answers, fails, headerOf, queueWorld, SECRET } from './queue-world.ts';

const HOUR_MS = 3_600_000;

describe('a queued request', () => {
  it('is run at once and its answer is kept for its key alone', async () => {
    const world = queueWorld({ run: () => answers('{"a":1}') });
    world.queue.start();
    const { jobId } = await world.accept('one');
    await world.clock.advance(1_000);
    expect(await world.queue.desk.find('key-1', jobId)).toMatchObject({
      job: { state: { status: 'answered' }, attempts: 1 },
      answer: { status: 200, contentType: 'application/json', body: '{"a":1}' },
    });
    expect(await world.queue.desk.find('key-2', jobId)).toBeNull();
    expect(world.events.map(({ type }) => type)).toEqual(['job-queued', 'job-finished']);
  });

  it('is run again after failures that may pass, with waits that grow, until it is answered', async () => {
    const world = queueWorld({ run: (_, number) => (number < 6 ? fails(503) : answers('{}')) });
    world.queue.start();
    const { jobId } = await world.accept('one');
    await world.clock.advance(HOUR_MS);
    expect(await world.queue.desk.find('key-1', jobId)).toMatchObject({
      job: { state: { status: 'answered' }, attempts: 6, lastError: { status: 503 } },
    });
    world.runs.slice(1).forEach(({ atMs }, index) => {
      const waitedMs = atMs - (world.runs[index]?.endMs ?? 0);
      const longestMs = 5_000 * 2 ** index;
      expect([index, waitedMs >= longestMs / 10 && waitedMs <= longestMs + 1]).toEqual([index, true]);
    });
  });

  it.each([
    ['no repetition mends', { run: fails(400, false), wish: {}, code: 'refused', attempts: 1 }],
    ['it was run ten times in vain', { run: fails(503), wish: {}, code: 'attempts', attempts: 10 }],
    [
      'its time is over',
      { run: fails(503), wish: { ttlMs: 20_000 }, code: 'expired', attempts: expect.any(Number) },
    ],
  ])('is dead with the reason when %s', async (_, { run, wish, code, attempts }) => {
    const world = queueWorld({ run: () => run });
    world.queue.start();
    const { jobId } = await world.accept('one', wish);
    await world.clock.advance(24 * HOUR_MS);
    const found = await world.queue.desk.find('key-1', jobId);
    expect(found?.job.state).toMatchObject({ status: 'dead', reason: { code } });
    expect(found?.job.attempts).toEqual(attempts);
    expect(world.lines.filter(({ message }) => message === 'A queued request is dead.')).toHaveLength(1);
    expect(world.events.at(-1)).toMatchObject({ type: 'job-finished', outcome: 'dead', reason: { code } });
  });

  it('is run anew when an operator revives it', async () => {
    const world = queueWorld({ run: (_, number) => (number === 1 ? fails(400, false) : answers('{}')) });
    world.queue.start();
    const { jobId } = await world.accept('one');
    await world.clock.advance(1_000);
    expect(await world.queue.revive('job_none')).toBeNull();
    expect(await world.queue.revive(jobId)).toMatchObject({ attempts: 0, state: { status: 'queued' } });
    expect(await world.queue.revive(jobId)).toBe(false);
    await world.clock.advance(1_000);
    expect((await world.queue.desk.find('key-1', jobId))?.job.state.status).toBe('answered');
  });

  it('waits behind an earlier one of its order key, also while that one waits for its next run', async () => {
    const world = queueWorld({
      run: (job, number) => (job.orderKey === 'c' && number === 1 ? fails(503) : answers('{}', 2_000)),
    });
    world.queue.start();
    for (const marker of ['c1', 'c2', 'c3']) await world.accept(marker, { orderKey: 'c' });
    await world.accept('free');
    await world.clock.advance(HOUR_MS);
    const ordered = world.runs.filter(({ marker }) => marker.startsWith('c'));
    expect(ordered.map(({ marker }) => marker)).toEqual(['c1', 'c1', 'c2', 'c2', 'c3', 'c3']);
    ordered.slice(1).forEach(({ atMs }, index) => {
      expect(atMs).toBeGreaterThanOrEqual(ordered[index]?.endMs ?? Infinity);
    });
  });

  it('never has more runs beside it than allowed', async () => {
    const world = queueWorld({ config: { concurrency: 3 }, run: () => answers('{}', 5_000) });
    world.queue.start();
    for (let index = 0; index < 20; index += 1) await world.accept(String(index));
    await world.clock.advance(HOUR_MS);
    expect(world.runs).toHaveLength(20);
    const most = Math.max(
      ...world.runs.map(
        ({ atMs }) => world.runs.filter((run) => run.atMs <= atMs && run.endMs > atMs).length,
      ),
    );
    expect(most).toBe(3);
  });

  it('keeps its lease as long as it runs, however long that is', async () => {
    const world = queueWorld({ config: { leaseMs: 1_000 }, run: () => answers('{}', 30_000) });
    world.queue.start();
    await world.accept('one');
    await world.clock.advance(60_000);
    expect(world.runs).toHaveLength(1);
  });

  it('is refused when the queue is full, and when the store is down', async () => {
    const store = new MemoryQueueStore();
    const world = queueWorld({ store, config: { waitingMax: 1 }, run: () => answers('{}') });
    await world.accept('one');
    await expect(world.accept('two')).rejects.toMatchObject({
      kind: 'rate_limited',
      detail: { code: 'queue_full' },
    });
    store.add = () => Promise.reject(new Error('no disk'));
    await expect(world.accept('three')).rejects.toMatchObject({ kind: 'store_unavailable' });
  });

  it('is not run after its client was told that the store was too slow', async () => {
    const store = new SlowStore(8_000);
    const world = queueWorld({ store, run: () => answers('{}') });
    store.clock = world.clock;
    world.queue.start();
    const accepting = world.accept('one').then(
      () => null,
      (error: unknown) => error,
    );
    await world.clock.advance(5_001);
    expect(await accepting).toMatchObject({ kind: 'store_unavailable' });
    await world.clock.advance(HOUR_MS);
    expect(world.runs).toEqual([]);
    expect(await store.unfinished()).toEqual({ queued: 0, running: 0 });
  });

  it('is cancelled while it waits, and the next of its order key goes on', async () => {
    const world = queueWorld({ run: (job) => (job.model === 'bad' ? fails(503) : answers('{}', 3_000)) });
    world.queue.start();
    const { jobId } = await world.accept('one', { model: 'bad', orderKey: 'c' });
    const second = await world.accept('two', { orderKey: 'c' });
    await world.clock.advance(200);
    expect(await world.queue.desk.cancel('key-2', jobId)).toBe('unknown');
    expect(await world.queue.desk.cancel('key-1', jobId)).toBe('cancelled');
    await settled();
    expect(await world.queue.desk.cancel('key-1', second.jobId)).toBe('running');
    await world.clock.advance(4_000);
    expect(await world.queue.desk.cancel('key-1', second.jobId)).toBe('finished');
  });

  it('goes back to the queue when its gateway stops, without losing a run', async () => {
    const world = queueWorld({ run: () => answers('{}', 60_000) });
    world.queue.start();
    const { jobId } = await world.accept('one');
    await world.clock.advance(100);
    const closing = world.queue.close(1_000);
    await world.clock.advance(1_000);
    await closing;
    expect((await world.store.get(jobId))?.job).toMatchObject({ attempts: 0, state: { status: 'queued' } });
    const next = queueWorld({ store: world.store, run: () => answers('{}') });
    next.queue.start();
    await next.clock.advance(5_000);
    expect((await world.store.get(jobId))?.job.state.status).toBe('answered');
  });

  it('is forgotten when its retention is over', async () => {
    const world = queueWorld({ config: { retentionMs: HOUR_MS }, run: () => answers('{}') });
    world.queue.start();
    const { jobId } = await world.accept('one');
    await world.clock.advance(HOUR_MS);
    expect(await world.store.get(jobId)).not.toBeNull();
    await world.clock.advance(HOUR_MS);
    expect(await world.store.get(jobId)).toBeNull();
  });
});

describe('a webhook', () => {
  const webhookUrl = 'https://hooks.example/news';

  it('is told of the end, signed as Standard Webhooks wants it', async () => {
    const world = queueWorld({ run: () => answers('{"n":1.50}'), hook: () => 204 });
    world.queue.start();
    const { jobId } = await world.accept('one', { webhookUrl });
    await world.clock.advance(1_000);
    const [call] = world.calls;
    expect(call).toMatchObject({ method: 'POST', url: webhookUrl, allowPrivate: false });
    const { headers = [], body = '' } = call ?? {};
    const timestamp = headerOf(headers, 'webhook-timestamp');
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(`${jobId}.${timestamp}.${body}`).digest('base64');
    expect(headerOf(headers, 'webhook-id')).toBe(jobId);
    expect(headerOf(headers, 'webhook-signature')).toBe(`v1,${expected}`);
    expect(Number(timestamp)).toBe(Math.floor(world.clock.nowMs() / 1_000) - 1);
    expect(body).toContain('"body":{"n":1.50}');
    expect(JSON.parse(body)).toMatchObject({ type: 'job.answered', data: { id: jobId, status: 'answered' } });
    expect((await world.store.get(jobId))?.job.delivery).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  it('is tried again until it takes the news', async () => {
    const statuses = [500, null, 302, 200];
    const world = queueWorld({
      run: () => fails(400, false),
      hook: (number) => statuses[number - 1] ?? null,
    });
    world.queue.start();
    const { jobId } = await world.accept('one', { webhookUrl });
    await world.clock.advance(HOUR_MS);
    expect((await world.store.get(jobId))?.job.delivery).toMatchObject({ status: 'delivered', attempts: 4 });
    expect(new Set(world.calls.map(({ headers }) => headerOf(headers, 'webhook-id')))).toEqual(
      new Set([jobId]),
    );
    expect(world.calls).toHaveLength(4);
  });

  it('is given up after a day, and that is told', async () => {
    const world = queueWorld({ run: () => answers('{}'), hook: () => 500 });
    world.queue.start();
    const { jobId } = await world.accept('one', { webhookUrl });
    await world.clock.advance(25 * HOUR_MS);
    const { delivery = null } = (await world.store.get(jobId))?.job ?? {};
    expect(delivery).toMatchObject({
      status: 'undelivered',
      message: 'The webhook answered with the status 500.',
    });
    expect(world.events.at(-1)).toMatchObject({ type: 'job-delivered', outcome: 'undelivered' });
    const tries = world.calls.length;
    await world.clock.advance(25 * HOUR_MS);
    expect(world.calls).toHaveLength(tries);
  });

  it.each([
    ['http://hooks.example/', 'it must begin with https://'],
    ['https://127.0.0.1/', 'loopback'],
    ['https://[::ffff:169.254.169.254]/', 'metadata'],
    ['https://0x7f.1/', 'loopback'],
    ['https://user:pass@hooks.example/', 'user name'],
    ['file:///etc/passwd', 'https://'],
    ['nonsense', 'not a URL'],
  ])('is refused at %s', (url, told) => {
    const { queue } = queueWorld({ run: () => answers('{}') });
    expect(queue.desk.webhookProblem(url)).toContain(told);
  });
});

/** A store in which adding takes its time. */
class SlowStore extends MemoryQueueStore {
  clock: { after(ms: number, callback: () => void): unknown } | null = null;
  readonly #ms: number;

  constructor(ms: number) {
    super();
    this.#ms = ms;
  }

  override async add(job: NewJob, waitingMax: number): Promise<boolean> {
    const added = await super.add(job, waitingMax);
    await new Promise<void>((resolve) => void this.clock?.after(this.#ms, resolve));
    return added;
  }
}
