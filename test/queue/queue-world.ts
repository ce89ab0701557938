import type { QueueConfig } from '../../src/config/config.ts';
import { Queue } from '../../src/queue/queue.ts';
import type { JobRun, JobRunner, RunOutcome } from '../../src/queue/ports.ts';
import { webhookKey } from '../../src/queue/signature.ts';
import type { GatewayEvent } from '../../src/spec/event.ts';
import type { Transport } from '../../src/spec/ports.ts';
import type { Job } from '../../src/spec/queue.ts';
import type { Headers, WireRequest } from '../../src/spec/wire.ts';
import { MemoryQueueStore } from '../../src/store/memory/queue-store.ts';
import type { JobWish, QueueStore } from '../../src/store/store.ts';
import { virtualRuntime } from '../../src/testing/virtual-runtime.ts';

/** The secret of the world's webhooks, as an operator would give it. */
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** What a run of a test's gateway does: takes this long and comes to this. */
export interface ScriptedRun {
  readonly afterMs: number;
  readonly outcome: RunOutcome;
}

/** Answers a run with this text. */
export function answers(body: string, afterMs = 100): ScriptedRun {
  return {
    afterMs,
    outcome: { type: 'answered', answer: { status: 200, contentType: 'application/json', body } },
  };
}

/** Fails a run with this status. */
export function fails(status: number, transient = true, afterMs = 100): ScriptedRun {
  const message = `It failed with ${status}.`;
  return { afterMs, outcome: { type: 'failed', status, message, transient, retryAfterMs: null } };
}

export interface QueueWorldOptions {
  readonly config?: Partial<QueueConfig>;
  readonly store?: QueueStore;
  /** What the n-th run of a job comes to, from 1. */
  run(job: Job, number: number): ScriptedRun;
  /** Status with which the n-th call of the webhook is answered, from 1; null never answers. */
  hook?(number: number): number | null;
}

/** A queue on virtual time, in front of a gateway and webhooks that follow a script. */
export function queueWorld(options: QueueWorldOptions) {
  const calls: WireRequest[] = [];
  const virtual = virtualRuntime();
  const { clock } = virtual;
  const transport: Transport = {
    send: (request, handler) => {
      calls.push(request);
      const status = options.hook?.(calls.length) ?? null;
      const timer = clock.after(10, () => {
        if (status !== null) handler.onHead(status, []);
        else handler.onFail({ type: 'head-timeout', message: 'no head came in time', sent: true });
      });
      return { pause: () => {}, resume: () => {}, abort: () => timer.cancel() };
    },
    close: async () => {},
  };
  const store = options.store ?? new MemoryQueueStore();
  const events: GatewayEvent[] = [];
  const runs: { readonly marker: string; readonly atMs: number; endMs: number }[] = [];
  const counts = new Map<string, number>();
  const runner: JobRunner = {
    run: (job, body): JobRun => {
      const number = (counts.get(job.jobId) ?? 0) + 1;
      counts.set(job.jobId, number);
      const { afterMs, outcome } = options.run(job, number);
      const entry = { marker: body, atMs: clock.nowMs(), endMs: Infinity };
      runs.push(entry);
      let abandon = (): void => {};
      const done = new Promise<RunOutcome>((resolve) => {
        const finish = (came: RunOutcome): void => {
          entry.endMs = Math.min(entry.endMs, clock.nowMs());
          resolve(came);
        };
        const timer = clock.after(afterMs, () => finish(outcome));
        abandon = () => {
          timer.cancel();
          finish({ type: 'abandoned' });
        };
      });
      return { done, abandon: () => abandon() };
    },
  };
  const queue = new Queue({
    config: { ...CONFIG, ...options.config },
    store,
    clock,
    random: virtual.runtime.random,
    log: virtual.runtime.log,
    publish: (event) => void events.push(event),
    runner,
    transport,
    crypto: virtual.runtime.crypto,
    webhookKey: webhookKey(SECRET),
  });
  const accept = (body: string, wish: Partial<JobWish> = {}): Promise<Job> =>
    queue.desk.accept({
      keyId: 'key-1',
      api: 'chat',
      model: 'm',
      orderKey: null,
      webhookUrl: null,
      metadata: {},
      headers: [],
      ttlMs: 86_400_000,
      body,
      ...wish,
    });
  return { ...virtual, queue, store, events, runs, calls, accept };
}

const CONFIG: QueueConfig = {
  enabled: true,
  concurrency: 4,
  waitingMax: 100,
  attemptsMax: 10,
  retryBaseMs: 5_000,
  retryMaxMs: 600_000,
  expiresMs: 86_400_000,
  leaseMs: 60_000,
  retentionMs: 7 * 86_400_000,
  webhookSecret: 'env:WEBHOOK_SECRET',
  webhookAllowPrivate: false,
  webhookGiveUpMs: 86_400_000,
};

/** Value of a header. */
export function headerOf(headers: Headers, wanted: string): string {
  return headers.find(([name]) => name === wanted)?.[1] ?? '';
}
