import type { Delivery, Job, JobAnswer, JobProgress } from '../../spec/queue.ts';
import { queueCursorFromText, queueCursorToText } from '../queue-cursor.ts';
import { StoreError } from '../store-error.ts';
import type {
  JobHold,
  JobPage,
  JobQuery,
  LeasedJob,
  NewJob,
  QueueStore,
  StoredJob,
  UnfinishedJobs,
} from '../store.ts';

interface Entry {
  readonly sequence: number;
  readonly body: string;
  readonly job: Job;
  readonly answer: JobAnswer | null;
}

/** The queue in memory: what the one on disk does, as plainly as it can be said. It forgets everything at the end. */
export class MemoryQueueStore implements QueueStore {
  // In the order of acceptance.
  readonly #entries = new Map<string, Entry>();
  #sequence = 0;

  async add({ body, ...order }: NewJob, waitingMax: number): Promise<boolean> {
    if (this.#entries.has(order.jobId)) {
      throw new StoreError('conflict', 'The same thing is stored already.');
    }
    const { queued, running } = await this.unfinished();
    if (queued + running >= waitingMax) return false;
    this.#sequence += 1;
    const job: Job = {
      ...order,
      state: { status: 'queued', dueAtMs: order.createdAtMs },
      attempts: 0,
      expiresAtMs: order.createdAtMs + order.ttlMs,
      lastError: null,
      delivery: null,
      fence: 0,
    };
    this.#entries.set(order.jobId, { sequence: this.#sequence, body, job, answer: null });
    return true;
  }

  async get(jobId: string): Promise<StoredJob | null> {
    const entry = this.#entries.get(jobId);
    return entry === undefined ? null : { job: entry.job, answer: entry.answer };
  }

  async list({ keyId, status, cursor, limit }: JobQuery): Promise<JobPage> {
    const before = cursor === null ? Infinity : queueCursorFromText(cursor);
    const found = [...this.#entries.values()]
      .filter(({ sequence, job }) => {
        return (
          sequence < before &&
          (keyId === null || job.keyId === keyId) &&
          (status === null || job.state.status === status)
        );
      })
      .toReversed();
    const last = found[limit - 1];
    return {
      jobs: found.slice(0, limit).map(({ job }) => job),
      nextCursor: found.length > limit && last !== undefined ? queueCursorToText(last.sequence) : null,
    };
  }

  async lease(nowMs: number, untilMs: number): Promise<LeasedJob | null> {
    const [first] = [...this.#entries.values()]
      .flatMap((entry) => {
        const { state } = entry.job;
        return state.status === 'queued' && state.dueAtMs <= nowMs && this.#mayBegin(entry, nowMs)
          ? [{ entry, dueAtMs: state.dueAtMs }]
          : [];
      })
      .toSorted((a, b) => a.dueAtMs - b.dueAtMs || a.entry.sequence - b.entry.sequence);
    if (first === undefined) return null;
    const { job, body } = first.entry;
    const leased: Job = {
      ...job,
      state: { status: 'running', leaseUntilMs: untilMs },
      attempts: job.attempts + 1,
      fence: job.fence + 1,
    };
    this.#put(leased);
    return { job: leased, body };
  }

  async renew(hold: JobHold, untilMs: number): Promise<boolean> {
    const job = this.#held(hold);
    if (job !== null) this.#put({ ...job, state: { status: 'running', leaseUntilMs: untilMs } });
    return job !== null;
  }

  async settle(hold: JobHold, progress: JobProgress, answer: JobAnswer | null): Promise<boolean> {
    const job = this.#held(hold);
    if (job !== null) this.#put({ ...job, ...progress }, answer);
    return job !== null;
  }

  async reclaim(leasedUntilMs: number, nowMs: number): Promise<number> {
    let count = 0;
    for (const { job } of this.#entries.values()) {
      const { delivery } = job;
      if (delivery?.status === 'sending' && delivery.leaseUntilMs <= leasedUntilMs) {
        const { attempts } = delivery;
        this.#put({ ...job, delivery: { status: 'waiting', attempts, dueAtMs: nowMs } });
      }
      if (job.state.status !== 'running' || job.state.leaseUntilMs > leasedUntilMs) continue;
      this.#put({ ...job, state: { status: 'queued', dueAtMs: nowMs } });
      count += 1;
    }
    return count;
  }

  async cancel(jobId: string): Promise<'cancelled' | 'running' | 'finished' | 'unknown'> {
    const status = this.#entries.get(jobId)?.job.state.status;
    if (status === undefined) return 'unknown';
    if (status === 'running') return 'running';
    if (status !== 'queued') return 'finished';
    this.#entries.delete(jobId);
    return 'cancelled';
  }

  async withdraw(jobId: string): Promise<void> {
    this.#entries.delete(jobId);
  }

  async revive(hold: JobHold, progress: JobProgress): Promise<boolean> {
    const job = this.#entries.get(hold.jobId)?.job;
    if (job?.fence !== hold.fence || job.state.status !== 'dead') return false;
    this.#put({ ...job, ...progress, fence: job.fence + 1 });
    return true;
  }

  async leaseDelivery(nowMs: number, untilMs: number): Promise<StoredJob | null> {
    const [first] = [...this.#entries.values()]
      .flatMap((entry) => {
        const atMs = owedAt(entry.job);
        return atMs !== null && atMs <= nowMs ? [{ entry, atMs }] : [];
      })
      .toSorted((a, b) => a.atMs - b.atMs || a.entry.sequence - b.entry.sequence);
    if (first === undefined) return null;
    const { entry } = first;
    const job: Job = {
      ...entry.job,
      fence: entry.job.fence + 1,
      delivery: {
        status: 'sending',
        attempts: (entry.job.delivery?.attempts ?? 0) + 1,
        leaseUntilMs: untilMs,
      },
    };
    this.#put(job);
    return { job, answer: entry.answer };
  }

  async settleDelivery({ jobId, fence }: JobHold, delivery: Delivery): Promise<boolean> {
    const job = this.#entries.get(jobId)?.job;
    if (job?.fence !== fence || owedAt(job) === null) return false;
    this.#put({ ...job, delivery });
    return true;
  }

  async nextDueMs(afterMs: number): Promise<number | null> {
    const times = [...this.#entries.values()].flatMap(({ job }) => [
      job.state.status === 'queued' ? job.state.dueAtMs : Infinity,
      owedAt(job) ?? Infinity,
    ]);
    const next = Math.min(...times.filter((time) => time > afterMs));
    return Number.isFinite(next) ? next : null;
  }

  async unfinished(): Promise<UnfinishedJobs> {
    const statuses = [...this.#entries.values()].map(({ job }) => job.state.status);
    return {
      queued: statuses.filter((status) => status === 'queued').length,
      running: statuses.filter((status) => status === 'running').length,
    };
  }

  async prune(finishedBeforeMs: number, batch: number): Promise<number> {
    const old = [...this.#entries.values()]
      .filter(({ job }) => {
        const { state } = job;
        const finished = state.status === 'answered' || state.status === 'dead';
        return finished && state.finishedAtMs < finishedBeforeMs && owedAt(job) === null;
      })
      .slice(0, batch);
    for (const { job } of old) this.#entries.delete(job.jobId);
    return old.length;
  }

  #mayBegin({ sequence, job }: Entry, nowMs: number): boolean {
    if (job.orderKey === null || job.expiresAtMs <= nowMs) return true;
    return ![...this.#entries.values()].some(
      (other) =>
        other.sequence < sequence &&
        other.job.keyId === job.keyId &&
        other.job.orderKey === job.orderKey &&
        isUnfinished(other.job),
    );
  }

  // A lease that ran out holds as long as nobody took the next one: the fence tells.
  #held({ jobId, fence }: JobHold): Job | null {
    const job = this.#entries.get(jobId)?.job;
    return job?.fence === fence && isUnfinished(job) ? job : null;
  }

  #put(job: Job, answer: JobAnswer | null = null): void {
    const entry = this.#entries.get(job.jobId);
    if (entry !== undefined) this.#entries.set(job.jobId, { ...entry, job, answer: answer ?? entry.answer });
  }
}

function isUnfinished({ state }: Job): boolean {
  return state.status === 'queued' || state.status === 'running';
}

// When the news of a job may be taken to its webhook; null where none are owed.
function owedAt({ delivery }: Job): number | null {
  if (delivery?.status === 'waiting') return delivery.dueAtMs;
  return delivery?.status === 'sending' ? delivery.leaseUntilMs : null;
}
