import type { GatewayEvent } from '../spec/event.ts';
import type { Clock, Log, Random } from '../spec/ports.ts';
import type { Job, JobAnswer } from '../spec/queue.ts';
import type { QueueStore } from '../store/store.ts';
import type { JobFailure } from './job.ts';

/** What the queue needs from around it. */
export interface QueuePorts {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Tells everybody who listens; never throws, never waits. */
  publish(event: GatewayEvent): void;
}

/** Runs a job once, as an ordinary call of the key that queued it. */
export interface JobRunner {
  run(job: Job, body: string): JobRun;
}

/** A run under way. */
export interface JobRun {
  /** Never rejects. */
  readonly done: Promise<RunOutcome>;
  /** Gives the run up; its outcome is then `abandoned`, or what it had come to already. */
  abandon(): void;
}

/** What a run came to. */
export type RunOutcome =
  | { readonly type: 'answered'; readonly answer: JobAnswer }
  | ({ readonly type: 'failed' } & Omit<JobFailure, 'chance'>)
  /** The key that queued it may not call any more. */
  | { readonly type: 'barred'; readonly message: string }
  | { readonly type: 'abandoned' };
