import { timeId } from '../base/time-id.ts';
import { GatewayError } from '../spec/error.ts';
import type { Job } from '../spec/queue.ts';
import type { JobPage, JobQuery, JobWish, NewJob, QueueDesk, StoredJob } from '../store/store.ts';
import type { QueuePorts } from './ports.ts';
import { inTime } from './time-limit.ts';

export interface DeskOptions extends QueuePorts {
  /** Most jobs that wait or run. */
  readonly waitingMax: number;
  readonly ttlMs: number;
  webhookProblem(url: string): string | null;
  /** Called when there is work. */
  wake(): void;
}

/** The counter of the queue. It waits for the store, because that is what its callers come for: their request is safe then. */
export class Desk implements QueueDesk {
  readonly #options: DeskOptions;
  // Jobs whose client waits to be told whether they were accepted; gone once they are, or are not in the store any more.
  readonly #undecided = new Map<string, Promise<boolean>>();
  // Jobs whose client was told that they are not queued, and that were, or may be, in the store all the same.
  readonly #unwelcome = new Set<string>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  get ttlMs(): number {
    return this.#options.ttlMs;
  }

  webhookProblem(url: string): string | null {
    return this.#options.webhookProblem(url);
  }

  async accept(wish: JobWish): Promise<Job> {
    const { clock, random, store, waitingMax } = this.#options;
    const createdAtMs = Math.floor(clock.nowMs());
    const jobId = timeId('job_', createdAtMs, random.hex(12));
    const job: NewJob = { ...wish, jobId, createdAtMs };
    const adding = store.add(job, waitingMax);
    const waiting = inTime(clock, STORE_WAIT_MS, adding);
    this.#undecided.set(
      jobId,
      waiting.then((came) => came.type === 'done'),
    );
    const added = await waiting;
    if (added.type === 'done') this.#undecided.delete(jobId);
    else this.#withdraw(jobId, adding);
    if (added.type !== 'done') throw this.#unavailable(added.type === 'failed' ? added.error : null);
    if (!added.value) throw full(waitingMax);
    this.#options.publish({
      type: 'job-queued',
      atMs: createdAtMs,
      jobId,
      keyId: job.keyId,
      model: job.model,
    });
    this.#options.wake();
    return accepted(job);
  }

  async find(keyId: string, jobId: string): Promise<StoredJob | null> {
    const found = await this.#asked(this.#options.store.get(jobId));
    // Another key's job is as good as none.
    return found?.job.keyId === keyId ? found : null;
  }

  list(query: JobQuery): Promise<JobPage> {
    return this.#asked(this.#options.store.list(query));
  }

  async cancel(keyId: string, jobId: string): Promise<'cancelled' | 'running' | 'finished' | 'unknown'> {
    const found = await this.find(keyId, jobId);
    if (found === null) return 'unknown';
    const outcome = await this.#asked(this.#options.store.cancel(jobId));
    // One that waited behind it may be next.
    if (outcome === 'cancelled') this.#options.wake();
    return outcome;
  }

  /** Whether a job may be run: not before its client is told that it was accepted, and never if told that it was not. */
  async mayRun(jobId: string): Promise<boolean> {
    if (!this.#unwelcome.has(jobId)) return (await this.#undecided.get(jobId)) ?? true;
    await this.#undo(jobId);
    return false;
  }

  // The writing that was too slow may still come to be, and one whose answer was lost may have been: then it is undone, and
  // until then the job is not run.
  #withdraw(jobId: string, adding: Promise<boolean>): void {
    void adding
      .then(
        () => this.#undo(jobId),
        (error: unknown) => (wasRefused(error) ? undefined : this.#undo(jobId)),
      )
      .then(() => this.#undecided.delete(jobId));
  }

  // Never rejects: what cannot be undone now is undone when the store gives it to be run.
  async #undo(jobId: string): Promise<void> {
    const { store, log } = this.#options;
    // Remembered also when it is undone: a lease of it may be on its way here.
    this.#unwelcome.add(jobId);
    for (const oldest of this.#unwelcome) {
      if (this.#unwelcome.size <= UNWELCOME_MAX) break;
      this.#unwelcome.delete(oldest);
    }
    try {
      await store.withdraw(jobId);
    } catch (error) {
      log.warn('A request whose client was told that it is not queued may still stand in the store.', {
        jobId,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async #asked<Value>(promise: Promise<Value>): Promise<Value> {
    const result = await inTime(this.#options.clock, STORE_WAIT_MS, promise);
    if (result.type === 'done') return result.value;
    throw this.#unavailable(result.type === 'failed' ? result.error : null);
  }

  #unavailable(error: unknown): GatewayError {
    if (error instanceof Error && 'kind' in error && error.kind === 'bad-cursor') {
      return new GatewayError('invalid_request', error.message, { field: 'cursor' });
    }
    this.#options.log.warn('The store of the queue gave no answer in time.', {
      error: error instanceof Error ? error.message : 'it is too slow',
    });
    return new GatewayError(
      'store_unavailable',
      'The queue cannot reach its store at present. Nothing was changed; try again in a moment.',
      { retryAfterMs: STORE_WAIT_MS },
    );
  }
}

/** How long a caller waits for the store. */
const STORE_WAIT_MS = 5_000;
const FULL_RETRY_MS = 30_000;
/** Jobs that are remembered not to be run: those of an outage of the store. */
const UNWELCOME_MAX = 10_000;

// Whether the store said no to this very job; after any other failure it may stand there.
function wasRefused(error: unknown): boolean {
  return (
    error instanceof Error && 'kind' in error && (error.kind === 'conflict' || error.kind === 'rejected')
  );
}

function full(waitingMax: number): GatewayError {
  return new GatewayError('rate_limited', `The queue is full: ${waitingMax} requests wait in it already.`, {
    code: 'queue_full',
    retryAfterMs: FULL_RETRY_MS,
  });
}

/** A job as the store holds it right after it was added. */
function accepted({ body: _body, ...order }: NewJob): Job {
  return {
    ...order,
    state: { status: 'queued', dueAtMs: order.createdAtMs },
    attempts: 0,
    expiresAtMs: order.createdAtMs + order.ttlMs,
    lastError: null,
    delivery: null,
    fence: 0,
  };
}
