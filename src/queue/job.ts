import { unreachable } from '../base/assert.ts';
import type { Delivery, Job, JobError, JobProgress, JobReason } from '../spec/queue.ts';
import { backoffMs, type Backoff } from './backoff.ts';

/** What bounds the life of a job. */
export interface JobRules extends Backoff {
  readonly attemptsMax: number;
}

/** What can happen to a job that a worker holds, and (`revived`) to a dead one. */
export type JobEvent =
  /** The lease was taken; the attempt is counted already. */
  | { readonly type: 'begun'; readonly atMs: number }
  | { readonly type: 'answered'; readonly atMs: number }
  | { readonly type: 'failed'; readonly atMs: number; readonly failure: JobFailure }
  /** The key that queued it may not call any more. */
  | { readonly type: 'barred'; readonly atMs: number; readonly message: string }
  /** The worker stops before the run came to an end, through no fault of the job. */
  | { readonly type: 'released'; readonly atMs: number }
  /** An operator lets a dead job begin anew. */
  | { readonly type: 'revived'; readonly atMs: number };

/** A run that gave no answer. */
export interface JobFailure extends JobError {
  /** Whether the same request may succeed later. */
  readonly transient: boolean;
  /** How long the provider asks to be left alone; null where it does not say. */
  readonly retryAfterMs: number | null;
  /** Uniform in [0, 1): the part of the wait that chance picks. */
  readonly chance: number;
}

/** What becomes of a job. Pure: the store writes it, where the lease still holds. */
export function step(job: Job, event: JobEvent, rules: JobRules): JobProgress {
  const { attempts, expiresAtMs, lastError, delivery, state } = job;
  const same: JobProgress = { state, attempts, expiresAtMs, lastError, delivery };
  switch (event.type) {
    case 'begun':
      return begun(job, event.atMs, same, rules);
    case 'answered':
      return {
        ...same,
        state: { status: 'answered', finishedAtMs: event.atMs },
        delivery: firstDelivery(job, event.atMs),
      };
    case 'failed':
      return failed(job, event, same, rules);
    case 'barred':
      // Nothing was run.
      return dead(job, { ...same, attempts: attempts - 1 }, event.atMs, {
        code: 'key',
        message: event.message,
      });
    case 'released':
      return { ...same, attempts: attempts - 1, state: { status: 'queued', dueAtMs: event.atMs } };
    case 'revived':
      return {
        state: { status: 'queued', dueAtMs: event.atMs },
        attempts: 0,
        expiresAtMs: event.atMs + job.ttlMs,
        lastError,
        delivery: null,
      };
    default:
      return unreachable(event);
  }
}

// A job that was run too often without a word, because it took its worker down with it, must not do so for ever.
function begun(job: Job, atMs: number, same: JobProgress, { attemptsMax }: JobRules): JobProgress {
  const unrun = { ...same, attempts: same.attempts - 1 };
  if (atMs >= job.expiresAtMs) return dead(job, unrun, atMs, expired(unrun));
  if (job.attempts > attemptsMax) return dead(job, unrun, atMs, tooOften(unrun));
  return same;
}

function failed(
  job: Job,
  { atMs, failure }: Extract<JobEvent, { readonly type: 'failed' }>,
  same: JobProgress,
  rules: JobRules,
): JobProgress {
  const { status, message, transient, retryAfterMs, chance } = failure;
  const told: JobProgress = { ...same, lastError: { status, message } };
  if (!transient) return dead(job, told, atMs, { code: 'refused', message });
  if (atMs >= job.expiresAtMs) return dead(job, told, atMs, expired(told));
  if (job.attempts >= rules.attemptsMax) return dead(job, told, atMs, tooOften(told));
  const waitMs = Math.max(backoffMs(rules, job.attempts, chance), retryAfterMs ?? 0);
  // It is looked at when its time is over, not after.
  return { ...told, state: { status: 'queued', dueAtMs: Math.min(atMs + waitMs, job.expiresAtMs) } };
}

function dead(job: Job, progress: JobProgress, atMs: number, reason: JobReason): JobProgress {
  return {
    ...progress,
    state: { status: 'dead', finishedAtMs: atMs, reason },
    delivery: firstDelivery(job, atMs),
  };
}

function firstDelivery({ webhookUrl }: Job, atMs: number): Delivery | null {
  return webhookUrl === null ? null : { status: 'waiting', attempts: 0, dueAtMs: atMs };
}

function expired({ attempts, lastError }: JobProgress): JobReason {
  return {
    code: 'expired',
    message:
      attempts === 0
        ? 'Its time was over before it was run.'
        : `Its time was over after ${runs(attempts)}${because(lastError)}.`,
  };
}

function tooOften({ attempts, lastError }: JobProgress): JobReason {
  return { code: 'attempts', message: `It has no answer after ${runs(attempts)}${because(lastError)}.` };
}

function runs(attempts: number): string {
  return attempts === 1 ? 'one run' : `${attempts} runs`;
}

function because(error: JobError | null): string {
  return error === null
    ? ''
    : `; the last one failed with ${error.status}: ${error.message.replace(/\.$/, '')}`;
}
