import type { JsonObject } from '../base/json.ts';
import type { Headers } from './wire.ts';

/** The APIs in whose form a request may be queued. */
export const QUEUE_APIS = ['chat', 'messages'] as const;
/** One of them. */
export type QueueApi = (typeof QUEUE_APIS)[number];

/**
 * `queued`: it waits, for the first time or after a failure. `running`: a worker holds it. `answered`: the answer is kept.
 * `dead`: it was given up, with the reason.
 */
export const JOB_STATUSES = ['queued', 'running', 'answered', 'dead'] as const;
/** One of them. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Where a queued request stands. Times are milliseconds since 1970. */
export type JobState =
  | { readonly status: 'queued'; readonly dueAtMs: number }
  | { readonly status: 'running'; readonly leaseUntilMs: number }
  | { readonly status: 'answered'; readonly finishedAtMs: number }
  | { readonly status: 'dead'; readonly finishedAtMs: number; readonly reason: JobReason };

/**
 * Why a job is dead. `refused`: its answer is an error that no repetition mends. `expired`: its time was over. `attempts`:
 * it failed as often as a job may. `key`: the key that queued it is out of force.
 */
export const DEAD_CODES = ['refused', 'expired', 'attempts', 'key'] as const;
/** One of them. */
export type DeadCode = (typeof DEAD_CODES)[number];

/** Why a job was given up; the message is fit for the client. */
export interface JobReason {
  readonly code: DeadCode;
  readonly message: string;
}

/** Why the last run failed; the message is fit for the client. */
export interface JobError {
  /** HTTP status that a waiting client would have received. */
  readonly status: number;
  readonly message: string;
}

/** How the news of a finished job reach its webhook. */
export type Delivery =
  | { readonly status: 'waiting'; readonly attempts: number; readonly dueAtMs: number }
  /** A courier has it; at this time another may take it. */
  | { readonly status: 'sending'; readonly attempts: number; readonly leaseUntilMs: number }
  | { readonly status: 'delivered'; readonly attempts: number; readonly atMs: number }
  | {
      readonly status: 'undelivered';
      readonly attempts: number;
      readonly atMs: number;
      readonly message: string;
    };

/** What was asked when a job was queued. It never changes, and the body is kept apart. */
export interface JobOrder {
  /** `job_` and what sorts by time. */
  readonly jobId: string;
  /** The virtual key that queued it, by id: it alone may see the job, and its rights are checked anew at each run. */
  readonly keyId: string;
  readonly api: QueueApi;
  readonly model: string;
  /** Jobs of one key with the same order key run one after the other, in the order in which they were accepted. */
  readonly orderKey: string | null;
  readonly webhookUrl: string | null;
  readonly metadata: JsonObject;
  /** Of the client: those that its call is served by. */
  readonly headers: Headers;
  readonly createdAtMs: number;
  /** How long it may wait for an answer. */
  readonly ttlMs: number;
}

/** What happens to a job; one writing replaces all of it. */
export interface JobProgress {
  readonly state: JobState;
  /** Runs that were begun. */
  readonly attempts: number;
  readonly expiresAtMs: number;
  /** Of the last run that failed; null where none did. */
  readonly lastError: JobError | null;
  /** Null where nothing has to be delivered, or not yet. */
  readonly delivery: Delivery | null;
}

/** A job without its contents. */
export interface Job extends JobOrder, JobProgress {
  /** Rises with each lease: who holds an older one can write nothing any more. */
  readonly fence: number;
}

/** The answer to a job, as a client that waited would have received it. */
export interface JobAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}
