import type { Bytes } from '../base/bytes.ts';
import type { QueueConfig } from '../config/config.ts';
import type { Crypto, Transport } from '../spec/ports.ts';
import type { Job } from '../spec/queue.ts';
import type { UnfinishedJobs } from '../store/store.ts';
import { Courier } from './courier.ts';
import { Desk } from './desk.ts';
import { Janitor } from './janitor.ts';
import { revive } from './revive.ts';
import type { JobRunner, QueuePorts } from './ports.ts';
import { inTime } from './time-limit.ts';
import { webhookProblem } from './webhook-url.ts';
import { Worker } from './worker.ts';

export interface QueueOptions extends QueuePorts {
  readonly config: QueueConfig;
  readonly runner: JobRunner;
  readonly transport: Pick<Transport, 'send'>;
  readonly crypto: Pick<Crypto, 'hmacBytes'>;
  /** Key of the webhooks' signatures; null where there is none. */
  readonly webhookKey: Bytes | null;
}

/** The whole queue: a desk that takes requests in, a worker that runs them, a courier that brings the news. */
export class Queue {
  readonly desk: Desk;
  readonly #worker: Worker;
  readonly #courier: Courier;
  readonly #janitor: Janitor;
  readonly #options: QueueOptions;

  constructor(options: QueueOptions) {
    const { config, webhookKey: key } = options;
    const { retryBaseMs, retryMaxMs, webhookAllowPrivate: allowPrivate } = config;
    this.#options = options;
    this.desk = new Desk({
      ...options,
      waitingMax: config.waitingMax,
      ttlMs: config.expiresMs,
      webhookProblem: (url) => webhookProblem(url, { signed: key !== null, allowPrivate }),
      wake: () => this.#worker.wake(),
    });
    this.#courier = new Courier({
      ...options,
      key,
      allowPrivate,
      rules: { retryBaseMs, retryMaxMs, giveUpMs: config.webhookGiveUpMs },
    });
    this.#worker = new Worker({
      ...options,
      rules: { retryBaseMs, retryMaxMs, attemptsMax: config.attemptsMax },
      concurrency: config.concurrency,
      leaseMs: config.leaseMs,
      // A store has one owner at a time.
      onlyOwner: true,
      mayRun: (jobId) => this.desk.mayRun(jobId),
      delivers: () => this.#courier.wake(),
    });
    this.#janitor = new Janitor({ ...options, keepMs: config.retentionMs });
  }

  /** Jobs that wait and run, as last counted. */
  get unfinished(): UnfinishedJobs {
    return this.#worker.unfinished;
  }

  /** Begins to run jobs and to deliver news, also those that a process before this one had under way. */
  start(): void {
    this.#worker.wake();
    this.#courier.wake();
  }

  /** Lets a dead job begin anew; null where there is none of this id, false where it is not dead. */
  async revive(jobId: string): Promise<Job | null | false> {
    const revived = await revive(this.#options, jobId);
    if (revived !== null && revived !== false) this.#worker.wake();
    return revived;
  }

  /**
   * Takes no more jobs, lets those that run finish up to the grace, and gives the rest back to the queue. A store that hangs
   * is not waited for much longer: what it does not take runs again after the next start, and is told of.
   */
  async close(graceMs: number): Promise<void> {
    const { clock, log } = this.#options;
    this.#janitor.close();
    const closing = this.#worker.close(graceMs).then(() => this.#courier.close());
    const closed = await inTime(clock, graceMs + STORE_WAIT_MS, closing);
    if (closed.type === 'failed') throw closed.error;
    if (closed.type === 'done') return;
    const jobIds = this.#worker.held;
    log.error(
      'The queue was closed while its store hung; what was under way is taken up again after the next start.',
      { jobs: jobIds.length, jobIds: jobIds.slice(0, JOBS_TOLD).join(' ') },
    );
  }
}

/** How long closing waits for a store that hangs. */
const STORE_WAIT_MS = 2_000;
const JOBS_TOLD = 100;
