/* oxlint-disable vitest/no-standalone-expect -- the steps that a model runs check what came of them */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JobProgress } from '../../src/spec/queue.ts';
import { MemoryQueueStore } from '../../src/store/memory/queue-store.ts';
import { openSqliteStores } from '../../src/store/sql/sqlite-stores.ts';
import type { JobHold, QueueStore } from '../../src/store/store.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

// The queue in memory is the slow and obvious model of the one on disk; the rules that matter are checked beside it.
interface Model {
  readonly memory: QueueStore;
  nowMs: number;
  jobs: number;
  /** Every hold that was ever given, also those that are lost. */
  readonly holds: JobHold[];
  /** Jobs that have a result, with how often one was written. */
  readonly results: Map<string, number>;
}

type Step = fc.AsyncCommand<Model, QueueStore>;

function step(name: string, run: (model: Model, real: QueueStore) => Promise<void>): Step {
  return { check: () => true, run, toString: () => name };
}

const both = async <Value>(model: Model, real: QueueStore, ask: (store: QueueStore) => Promise<Value>) => {
  const [expected, found] = [await ask(model.memory), await ask(real)];
  expect(found).toEqual(expected);
  return found;
};

const add = fc
  .record({
    orderKey: fc.constantFrom(null, null, 'a', 'b'),
    keyId: fc.constantFrom('k1', 'k2'),
    ttlMs: fc.nat(60),
  })
  .map(({ orderKey, keyId, ttlMs }) =>
    step(`add(${orderKey}, ${keyId}, ${ttlMs})`, async (model, real) => {
      model.jobs += 1;
      const job = {
        jobId: `job-${model.jobs}`,
        keyId,
        api: 'chat',
        model: 'm',
        orderKey,
        webhookUrl: null,
        metadata: {},
        headers: [],
        createdAtMs: model.nowMs,
        ttlMs,
        body: '{}',
      } as const;
      await both(model, real, (store) => store.add(job, 6));
    }),
  );

const lease = fc.nat(30).map((forMs) =>
  step(`lease(${forMs})`, async (model, real) => {
    const { nowMs } = model;
    const { jobs: all } = await model.memory.list({ keyId: null, status: null, cursor: null, limit: 1_000 });
    const leased = await both(model, real, (store) => store.lease(nowMs, nowMs + forMs));
    if (leased === null) return;
    const { job } = leased;
    model.holds.push({ jobId: job.jobId, fence: job.fence });
    expect(model.results.has(job.jobId)).toBe(false);
    // Of one conversation one runs, and the oldest; only what is given to be buried may overtake.
    const older = all
      .slice(all.findIndex(({ jobId }) => jobId === job.jobId) + 1)
      .filter(({ keyId, orderKey, state }) => {
        const unfinished = state.status === 'queued' || state.status === 'running';
        return unfinished && keyId === job.keyId && orderKey === job.orderKey && orderKey !== null;
      });
    expect(older.length === 0 || job.expiresAtMs <= nowMs).toBe(true);
  }),
);

const settle = fc
  .record({ which: fc.nat(1_000), waitMs: fc.option(fc.nat(20), { nil: null }) })
  .map(({ which, waitMs }) =>
    step(`settle(${which}, ${waitMs})`, async (model, real) => {
      const hold = model.holds[which % Math.max(1, model.holds.length)];
      if (hold === undefined) return;
      const { attempts = 0, expiresAtMs = 0 } = (await model.memory.get(hold.jobId))?.job ?? {};
      const progress: JobProgress = {
        state:
          waitMs === null
            ? { status: 'answered', finishedAtMs: model.nowMs }
            : { status: 'queued', dueAtMs: model.nowMs + waitMs },
        attempts,
        expiresAtMs,
        lastError: null,
        delivery: null,
      };
      const answer =
        waitMs === null ? { status: 200, contentType: 'text/plain', body: `fence ${hold.fence}` } : null;
      const last = Math.max(
        ...model.holds.filter(({ jobId }) => jobId === hold.jobId).map(({ fence }) => fence),
      );
      const done = await both(model, real, (store) => store.settle(hold, progress, answer));
      // Two workers never both commit: only the last lease writes, and a result once.
      expect(done && hold.fence !== last).toBe(false);
      if (!done || waitMs !== null) return;
      model.results.set(hold.jobId, (model.results.get(hold.jobId) ?? 0) + 1);
      expect(model.results.get(hold.jobId)).toBe(1);
    }),
  );

const renew = fc.nat(1_000).map((which) =>
  step(`renew(${which})`, async (model, real) => {
    const hold = model.holds[which % Math.max(1, model.holds.length)];
    if (hold !== undefined) await both(model, real, (store) => store.renew(hold, model.nowMs + 10));
  }),
);

const cancel = fc.nat(30).map((which) =>
  step(`cancel(${which})`, async (model, real) => {
    await both(model, real, (store) => store.cancel(`job-${which}`));
  }),
);

const pass = fc.nat(25).map((ms) =>
  step(`pass(${ms})`, async (model) => {
    model.nowMs += ms;
  }),
);

const reclaim = fc.boolean().map((all) =>
  step(`reclaim(${all})`, async (model, real) => {
    await both(model, real, (store) => store.reclaim(all ? Infinity : model.nowMs, model.nowMs));
  }),
);

const look = fc.constant(
  step('look', async (model, real) => {
    await both(model, real, (store) => store.unfinished());
    await both(model, real, (store) => store.nextDueMs(model.nowMs));
    await both(model, real, (store) => store.list({ keyId: null, status: null, cursor: null, limit: 50 }));
    await both(model, real, (store) => store.prune(model.nowMs - 60, 2));
  }),
);

it('the queue on disk does what the one in memory does, whatever is asked of it in whatever order', async () => {
  const steps = fc.commands([add, add, lease, lease, settle, settle, renew, cancel, pass, reclaim, look], {
    maxCommands: 60,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(steps, async (commands) => {
      const stores = openSqliteStores({ path: ':memory:', clock: new VirtualClock() });
      try {
        const model = {
          memory: new MemoryQueueStore(),
          nowMs: 1_000,
          jobs: 0,
          holds: [],
          results: new Map(),
        };
        await fc.asyncModelRun(() => ({ model, real: stores.queue }), commands);
      } finally {
        await stores.close();
      }
    }),
    { numRuns: 300, seed: 20_261_121 },
  );
}, 60_000);
