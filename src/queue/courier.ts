import { textToBytes, type Bytes } from '../base/bytes.ts';
import type { Crypto, Transport } from '../spec/ports.ts';
import type { Headers, WireRequest } from '../spec/wire.ts';
import type { Job } from '../spec/queue.ts';
import type { StoredJob } from '../store/store.ts';
import { stepDelivery, type DeliveryRules, type Tried } from './delivery.ts';
import { jobText } from './job-text.ts';
import { postOnce, POST_TIMEOUT_MS, type Posting } from './post.ts';
import type { QueuePorts } from './ports.ts';
import { Pump } from './pump.ts';
import { webhookSignature } from './signature.ts';
import { webhookProblem } from './webhook-url.ts';

export interface CourierOptions extends QueuePorts {
  readonly transport: Pick<Transport, 'send'>;
  readonly crypto: Pick<Crypto, 'hmacBytes'>;
  /** Key of the signatures; null where there is none, and nothing can be delivered. */
  readonly key: Bytes | null;
  readonly allowPrivate: boolean;
  readonly rules: DeliveryRules;
}

const CONCURRENCY = 4;
/** A try that died with its process is made again after this time. */
const LEASE_MS = 4 * POST_TIMEOUT_MS;

/** Brings the news of finished jobs to their webhooks, each with its own repetitions, at least once. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #pump: Pump;
  readonly #underWay = new Set<Promise<void>>();
  readonly #postings = new Set<Posting>();

  constructor(options: CourierOptions) {
    this.#options = options;
    const { clock, log, store } = options;
    this.#pump = new Pump({
      clock,
      log,
      concurrency: CONCURRENCY,
      what: 'deliveries',
      take: async (nowMs) => {
        const leased = await store.leaseDelivery(nowMs, nowMs + LEASE_MS);
        return leased === null ? null : () => this.#begin(leased);
      },
      nextDueMs: (afterMs) => store.nextDueMs(afterMs),
    });
  }

  /** Looks for news now. */
  wake(): void {
    this.#pump.wake();
  }

  /** Begins no more tries and breaks those under way off: the next start makes them again. */
  async close(): Promise<void> {
    await this.#pump.stop();
    for (const posting of this.#postings) posting.abort();
    await Promise.all(this.#underWay);
  }

  #begin(leased: StoredJob): Promise<void> {
    const delivering = this.#deliver(leased).finally(() => this.#underWay.delete(delivering));
    this.#underWay.add(delivering);
    return delivering;
  }

  async #deliver(stored: StoredJob): Promise<void> {
    const { clock, random, rules } = this.#options;
    const { job } = stored;
    if (job.delivery === null || !('finishedAtMs' in job.state)) return;
    const problem = await this.#try(stored);
    const delivery = stepDelivery(
      {
        atMs: clock.nowMs(),
        finishedAtMs: job.state.finishedAtMs,
        attempts: job.delivery.attempts,
        problem,
        chance: random.next(),
      },
      rules,
    );
    if (!(await this.#settle(job, delivery)) || delivery.status === 'waiting') return;
    this.#tell(job, delivery.status, delivery.attempts, problem);
  }

  // Whether it is written. What cannot be is tried again when the lease is over: the receiver knows it by its id.
  async #settle(job: Job, delivery: Tried): Promise<boolean> {
    const { store, log } = this.#options;
    try {
      return await store.settleDelivery(job, delivery);
    } catch (error) {
      log.warn('What became of the news of a queued request could not be written; they are told again.', {
        jobId: job.jobId,
        error: error instanceof Error ? error.message : String(error),
      });
      return false;
    }
  }

  // What went wrong; null where the receiver took it.
  async #try({ job, answer }: StoredJob): Promise<string | null> {
    const { clock, crypto, key, allowPrivate, transport } = this.#options;
    const url = job.webhookUrl ?? '';
    // The configuration may have changed since the job was accepted.
    const refused = webhookProblem(url, { signed: key !== null, allowPrivate });
    if (refused !== null || key === null) return `The webhook may not be called: ${refused ?? 'no key'}.`;
    const nowMs = clock.nowMs();
    const type = job.state.status === 'answered' ? 'job.answered' : 'job.dead';
    const head = JSON.stringify({ type, timestamp: new Date(nowMs).toISOString() });
    const body = textToBytes(`${head.slice(0, -1)},"data":${jobText(job, answer)}}`);
    const timestampS = Math.floor(nowMs / 1_000);
    const headers: Headers = [
      ['content-type', 'application/json'],
      ['user-agent', 'bellwether'],
      ['webhook-id', job.jobId],
      ['webhook-timestamp', String(timestampS)],
      ['webhook-signature', webhookSignature(crypto, key, { id: job.jobId, timestampS, body })],
    ];
    const request: WireRequest = {
      method: 'POST',
      url,
      headers,
      body,
      connectTimeoutMs: POST_TIMEOUT_MS,
      headTimeoutMs: POST_TIMEOUT_MS,
      allowPrivate,
    };
    const posting = postOnce(transport, request);
    this.#postings.add(posting);
    return posting.done.finally(() => this.#postings.delete(posting));
  }

  // oxlint-disable-next-line max-params -- what the event and the log line tell
  #tell(
    { jobId, keyId }: Job,
    outcome: 'delivered' | 'undelivered',
    attempts: number,
    problem: string | null,
  ): void {
    const { clock, log } = this.#options;
    if (outcome === 'undelivered') {
      log.warn('The news of a queued request could not be delivered.', { jobId, keyId, attempts, problem });
    }
    this.#options.publish({
      type: 'job-delivered',
      atMs: clock.nowMs(),
      jobId,
      keyId,
      outcome,
      attempts,
      problem,
    });
  }
}
