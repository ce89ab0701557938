import type { Random } from '../../../src/spec/ports.ts';
import type { Job, JobAnswer, JobProgress } from '../../../src/spec/queue.ts';
import { MemoryQueueStore } from '../../../src/store/memory/queue-store.ts';
import type { JobHold, NewJob, QueueStore } from '../../../src/store/store.ts';
import { Disk } from './disk.ts';
import type { Line } from './line.ts';
import type { ScriptDisk } from './script.ts';

/** A job as it lies on the disk. */
export interface JobRow {
  readonly order: NewJob;
  readonly job: Job;
  readonly answer: JobAnswer | null;
}

/** What the checks hear of writes that came about. */
export interface QueueWatch {
  onLease(job: Job, life: number): void;
  /** A writing of what a run came to; `before` is the row that it replaced. */
  onSettle(hold: JobHold, before: Job, after: JobRow): void;
}

/** The queue's part of the simulated machine: the one in memory, with a disk under it. */
export class QueueDisk {
  readonly #loses: ScriptDisk['loses'];
  readonly #watch: QueueWatch;
  readonly #disk = new Disk<JobRow>();
  readonly #orders = new Map<string, NewJob>();
  #memory = new MemoryQueueStore();

  constructor(loses: ScriptDisk['loses'], watch: QueueWatch) {
    this.#loses = loses;
    this.#watch = watch;
  }

  get rows(): readonly JobRow[] {
    return this.#disk.rows.map(([, row]) => row);
  }

  row(jobId: string): JobRow | null {
    return this.#disk.row(jobId);
  }

  /** The store as a process sees it. */
  seenFrom(line: Line, life: number): QueueStore {
    const safely = <Value>(work: (memory: QueueStore) => Promise<Value>): Promise<Value> =>
      line.call('queue', () => this.#writing(work, this.#loses));
    const loosely = <Value>(work: (memory: QueueStore) => Promise<Value>): Promise<Value> =>
      line.call('queue', () => this.#writing(work, null));
    const reading = <Value>(work: (memory: QueueStore) => Promise<Value>): Promise<Value> =>
      line.call('queue', () => work(this.#memory));
    return {
      add: (order, waitingMax) =>
        safely((memory) => {
          this.#orders.set(order.jobId, order);
          return memory.add(order, waitingMax);
        }),
      get: (jobId) => reading((memory) => memory.get(jobId)),
      list: (query) => reading((memory) => memory.list(query)),
      lease: (nowMs, untilMs) =>
        loosely(async (memory) => {
          const leased = await memory.lease(nowMs, untilMs);
          if (leased !== null) this.#watch.onLease(leased.job, life);
          return leased;
        }),
      renew: (hold, untilMs) => loosely((memory) => memory.renew(hold, untilMs)),
      settle: (hold, progress, answer) =>
        safely(async (memory) => {
          const before = this.row(hold.jobId);
          const settled = await memory.settle(hold, progress, answer);
          const after = await memory.get(hold.jobId);
          if (settled && before !== null && after !== null)
            this.#watch.onSettle(hold, before.job, { order: before.order, ...after });
          return settled;
        }),
      reclaim: (untilMs, nowMs) => loosely((memory) => memory.reclaim(untilMs, nowMs)),
      cancel: (jobId) => safely((memory) => memory.cancel(jobId)),
      withdraw: (jobId) => safely((memory) => memory.withdraw(jobId)),
      revive: (hold, progress) => safely((memory) => memory.revive(hold, progress)),
      leaseDelivery: (nowMs, untilMs) => loosely((memory) => memory.leaseDelivery(nowMs, untilMs)),
      settleDelivery: (hold, delivery) => safely((memory) => memory.settleDelivery(hold, delivery)),
      nextDueMs: (afterMs) => reading((memory) => memory.nextDueMs(afterMs)),
      unfinished: () => reading((memory) => memory.unfinished()),
      prune: (beforeMs, batch) => loosely((memory) => memory.prune(beforeMs, batch)),
    };
  }

  /** The power goes and comes back. */
  async cut(random: Random): Promise<void> {
    if (this.#disk.cut(random, this.#loses)) this.#memory = await restored(this.rows);
  }

  async #writing<Value>(
    work: (memory: QueueStore) => Promise<Value>,
    safe: ScriptDisk['loses'] | null,
  ): Promise<Value> {
    const value = await work(this.#memory);
    const changes: [string, JobRow | null][] = [];
    for (const [jobId, order] of this.#orders) {
      const found = await this.#memory.get(jobId);
      const before = this.#disk.row(jobId);
      // Rows are replaced, never changed.
      if ((found?.job ?? null) === (before?.job ?? null)) continue;
      changes.push([jobId, found === null ? null : { order, ...found }]);
    }
    this.#disk.write(changes, safe);
    return value;
  }
}

/**
 * A store that holds these rows, brought about through its own interface: each job is leased as often as its fence says, one
 * after the other, then all are given what they had come to. One that was never leased has one lease too many then, which a
 * fence may have: it only ever rises.
 */
async function restored(rows: readonly JobRow[]): Promise<MemoryQueueStore> {
  const memory = new MemoryQueueStore();
  for (const { order, job } of rows) {
    await memory.add(order, Infinity);
    let fence = 0;
    do {
      const leased = await memory.lease(Infinity, Infinity);
      if (leased?.job.jobId !== job.jobId) throw new Error('another job was leased than the one restored');
      ({ fence } = leased.job);
      if (fence < job.fence) await memory.settle(leased.job, { ...progressOf(job), state: DUE_NOW }, null);
    } while (fence < job.fence);
  }
  for (const { job, answer } of rows)
    await memory.settle({ jobId: job.jobId, fence: Math.max(1, job.fence) }, progressOf(job), answer);
  return memory;
}

function progressOf({ state, attempts, expiresAtMs, lastError, delivery }: Job): JobProgress {
  return { state, attempts, expiresAtMs, lastError, delivery };
}

const DUE_NOW = { status: 'queued', dueAtMs: -Infinity } as const;
