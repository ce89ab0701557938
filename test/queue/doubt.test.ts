import { describe, expect, it } from 'vitest';
import { MemoryQueueStore } from '../../src/store/memory/queue-store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { JobHold, LeasedJob, NewJob, QueueStore } from '../../src/store/store.ts';
import type { Delivery, JobAnswer, JobProgress } from '../../src/spec/queue.ts';
import { settled } from '../../src/testing/virtual-clock.ts';
import { answers, fails, queueWorld } from './queue-world.ts';

/** A store of which some calls do what they are asked, and then say that they cannot; or never say anything. */
class DoubtfulStore extends MemoryQueueStore implements QueueStore {
  /** How many of the next calls of each end in doubt. */
  readonly doubts = { add: 0, withdraw: 0, settle: 0, settleDelivery: 0 };
  hangs = false;

  override async add(job: NewJob, waitingMax: number): Promise<boolean> {
    return this.#doubtful('add', await super.add(job, waitingMax));
  }

  override async lease(nowMs: number, untilMs: number): Promise<LeasedJob | null> {
    return this.hangs ? new Promise(() => {}) : super.lease(nowMs, untilMs);
  }

  override async withdraw(jobId: string): Promise<void> {
    // This one is not done either.
    this.#doubtful('withdraw', null);
    await super.withdraw(jobId);
  }

  override async settle(hold: JobHold, progress: JobProgress, answer: JobAnswer | null): Promise<boolean> {
    if (this.hangs) return new Promise(() => {});
    return this.#doubtful('settle', await super.settle(hold, progress, answer));
  }

  override async settleDelivery(hold: JobHold, delivery: Delivery): Promise<boolean> {
    return this.#doubtful('settleDelivery', await super.settleDelivery(hold, delivery));
  }

  #doubtful<Value>(call: keyof DoubtfulStore['doubts'], value: Value): Value {
    if (this.doubts[call] === 0) return value;
    this.doubts[call] -= 1;
    throw new StoreError('unavailable', 'The line broke.');
  }
}

describe('a store that leaves in doubt whether it did what it was asked', () => {
  it('runs nothing of which the client was told that it is not queued', async () => {
    const store = new DoubtfulStore();
    store.doubts.add = 1;
    const world = queueWorld({ store, run: () => answers('{}') });
    await expect(world.accept('one')).rejects.toMatchObject({ kind: 'store_unavailable' });
    world.queue.start();
    await world.clock.advance(1_000);
    expect(world.runs).toEqual([]);
    expect(await store.unfinished()).toEqual({ queued: 0, running: 0 });
  });

  it('withdraws it when it turns up later, where that was not possible at once', async () => {
    const store = new DoubtfulStore();
    Object.assign(store.doubts, { add: 1, withdraw: 1 });
    const world = queueWorld({ store, run: () => answers('{}') });
    await expect(world.accept('one')).rejects.toMatchObject({ kind: 'store_unavailable' });
    await settled();
    expect(await store.unfinished()).toEqual({ queued: 1, running: 0 });
    world.queue.start();
    await world.clock.advance(1_000);
    expect(world.runs).toEqual([]);
    expect(await store.unfinished()).toEqual({ queued: 0, running: 0 });
  });

  it('announces the end of a request once, and takes it for nobody else’s', async () => {
    const store = new DoubtfulStore();
    store.doubts.settle = 2;
    const world = queueWorld({ store, run: () => answers('{}') });
    world.queue.start();
    await world.accept('one');
    await world.clock.advance(60_000);
    expect(world.events.filter(({ type }) => type === 'job-finished')).toHaveLength(1);
    expect(world.lines.filter(({ message }) => message.includes('taken over'))).toEqual([]);
  });

  it('takes news that could not be noted down for no fault of the program', async () => {
    const store = new DoubtfulStore();
    store.doubts.settleDelivery = 1;
    const world = queueWorld({ store, run: () => answers('{}'), hook: () => 204 });
    world.queue.start();
    await world.accept('one', { webhookUrl: 'https://hooks.example/' });
    await world.clock.advance(10_000);
    expect(world.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(world.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

describe('a store that is slow', () => {
  it('leaves a request that waits for its next run waiting, whatever sign of life was under way', async () => {
    const store = new DoubtfulStore();
    const world = queueWorld({
      store,
      config: { leaseMs: 300, retryBaseMs: 60_000 },
      run: () => fails(503, true, 1_000),
    });
    // A result that is written at once, but takes its time to say so, while signs of life go on.
    const settle = store.settle.bind(store);
    store.settle = async (hold, progress, answer) => {
      const done = await settle(hold, progress, answer);
      await new Promise<void>((resolve) => void world.clock.after(500, resolve));
      return done;
    };
    world.queue.start();
    const { jobId } = await world.accept('one');
    await world.clock.advance(1_400);
    expect((await store.get(jobId))?.job.state.status).toBe('queued');
  });

  it('holds up the end of a drain no longer than a moment, and the log names what was under way', async () => {
    const store = new DoubtfulStore();
    const world = queueWorld({ store, run: () => answers('{}', 60_000) });
    world.queue.start();
    const { jobId } = await world.accept('one');
    await world.clock.advance(1_000);
    store.hangs = true;
    let closedAtMs = Infinity;
    const fromMs = world.clock.nowMs();
    void world.queue.close(5_000).then(() => {
      closedAtMs = world.clock.nowMs();
    });
    await world.clock.advance(60_000);
    expect(closedAtMs - fromMs).toBe(7_000);
    expect(world.lines.at(-1)).toMatchObject({ level: 'error', fields: { jobs: 1, jobIds: jobId } });
  });
});
