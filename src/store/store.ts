import type { Bytes } from '../base/bytes.ts';
import type { RequestFinished } from '../spec/event.ts';
import type { Caller, VirtualKey } from '../spec/identity.ts';
import type { Delivery, Job, JobAnswer, JobOrder, JobProgress, JobStatus } from '../spec/queue.ts';

/**
 * What the gateway keeps, as narrow interfaces. A store writes what it is given: ids, digests and times are made above it.
 * Every method may reject with a `StoreError`; nobody calls one on the path of a request.
 */
export interface Stores {
  readonly keys: KeyStore;
  readonly requests: RequestLogStore;
  readonly settings: SettingStore;
  readonly queue: QueueStore;
  readonly answers: AnswerStore;
  /** Null where the store works; otherwise what is wrong with it. */
  health(): Promise<string | null>;
  close(): Promise<void>;
}

/** Virtual keys at rest. */
export interface KeyStore {
  /** Adds a key; rejects with `conflict` where its id or its digest is there already. */
  create(key: VirtualKey): Promise<void>;
  /** All keys, also expired and revoked ones, oldest first. */
  list(): Promise<readonly VirtualKey[]>;
  get(keyId: string): Promise<VirtualKey | null>;
  /** Changes what is given and leaves the rest; null where there is no such key. */
  update(keyId: string, change: KeyUpdate): Promise<VirtualKey | null>;
  /** Puts a key out of force for good. A second call changes nothing, also not the time. */
  revoke(keyId: string, atMs: number): Promise<VirtualKey | null>;
}

/** The fields of a key that may change after it was made. */
export interface KeyUpdate {
  readonly name?: string;
  readonly models?: readonly string[] | null;
  readonly directTargets?: boolean;
  readonly tags?: readonly string[];
  readonly expiresAtMs?: number | null;
}

/** A finished request as it is kept: the event, without the tag that tells it from other events. */
export type RequestLogRow = Omit<RequestFinished, 'type'>;

/** The log of finished requests: who, where to, what it cost and how it went. Never contents. */
export interface RequestLogStore {
  /** Adds rows in one transaction. A row whose request id is there already is left out, so a batch may be sent again. */
  append(rows: readonly RequestLogRow[]): Promise<void>;
  /** One page, newest start first. */
  list(query: RequestLogQuery): Promise<RequestLogPage>;
  get(requestId: string): Promise<RequestLogRow | null>;
  /** Deletes up to `batch` rows that started before; returns how many, so that the caller can pause in between. */
  prune(startedBeforeMs: number, batch: number): Promise<number>;
}

export interface RequestLogQuery {
  readonly filters: RequestLogFilters;
  /** Where the page before ended; null for the first. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** A row must meet all that are given. */
export interface RequestLogFilters {
  /** Started at or after. */
  readonly fromMs?: number;
  /** Started before. */
  readonly toMs?: number;
  readonly keyId?: string;
  readonly model?: string;
  /** Address of the target that answered. */
  readonly target?: string;
  readonly status?: number;
  /**
   * `failed`: a status of 400 or more. `recovered`: answered, but not by the first attempt. `resumed`: of these, those that
   * broke off in the middle and went on.
   */
  readonly outcome?: RequestOutcome;
}

export const REQUEST_OUTCOMES = ['failed', 'recovered', 'resumed'] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

export interface RequestLogPage {
  readonly rows: readonly RequestLogRow[];
  /** Continues after the last row; null where there is nothing more. */
  readonly nextCursor: string | null;
}

/** A finished answer as it can be given again: exactly what was sent, and whether that was all. */
export interface FinishedAnswer {
  readonly status: number;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  /** Whether it was sent as a stream, and is to be again. */
  readonly stream: boolean;
  readonly body: Bytes;
  /** What was sent behind a stream. */
  readonly trailers: readonly string[];
  /** False where it was broken off, and is to be again. */
  readonly whole: boolean;
}

/** An answer that is kept. */
export interface KeptAnswer {
  readonly id: string;
  /** The virtual key that it was given to; nobody else may have it. */
  readonly keyId: string;
  /** Digest of the request that it answers. */
  readonly fingerprint: string;
  /** Null where it was too large to be kept, or its time is over: only that there was one is remembered. */
  readonly answer: FinishedAnswer | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** What is deleted of the kept answers. */
export interface AnswerPruning {
  /** The contents of what expired before go. */
  readonly expiredBeforeMs: number;
  /** What expired before is forgotten altogether. */
  readonly forgottenBeforeMs: number;
  /** The oldest go first where there are more. */
  readonly entriesMax: number;
}

/** Finished answers, for repeated requests and for clients whose connection dropped. They are contents: private, and short-lived. */
export interface AnswerStore {
  /** Keeps answers in one transaction; one with the same id takes the place of the one before. */
  put(answers: readonly KeptAnswer[]): Promise<void>;
  get(id: string): Promise<KeptAnswer | null>;
  prune(pruning: AnswerPruning): Promise<void>;
}

/**
 * Requests that are answered later. What was added, and what a job came to, is on the disk when the promise resolves: it
 * survives the death of the process and of the machine. Who holds a job writes only as long as his lease is the last one.
 */
export interface QueueStore {
  /** Adds a job that waits; false where as many as `waitingMax` wait or run already. */
  add(job: NewJob, waitingMax: number): Promise<boolean>;
  /** A job with its answer; null where there is none of this id. */
  get(jobId: string): Promise<StoredJob | null>;
  /** One page, newest first. */
  list(query: JobQuery): Promise<JobPage>;
  /**
   * Takes the job that is due first, counts the attempt and raises its fence; null where none is due. A job whose order key
   * an earlier unfinished job has is passed over, but for one whose time is over.
   */
  lease(nowMs: number, untilMs: number): Promise<LeasedJob | null>;
  /** Makes a lease last longer; false where it is lost: one that ran out is lost when somebody else takes the next. */
  renew(hold: JobHold, untilMs: number): Promise<boolean>;
  /** Writes what a run came to, with its answer where there is one; false where the lease is lost. */
  settle(hold: JobHold, progress: JobProgress, answer: JobAnswer | null): Promise<boolean>;
  /** Lets jobs, and deliveries, wait again whose lease was over at this time; how many jobs. */
  reclaim(leasedUntilMs: number, nowMs: number): Promise<number>;
  /** Deletes a job that waits and was never begun, or waits for its next run; tells what stood in the way. */
  cancel(jobId: string): Promise<'cancelled' | 'running' | 'finished' | 'unknown'>;
  /** Deletes a job whatever it does, because its acceptance was never told to anyone. */
  withdraw(jobId: string): Promise<void>;
  /** Writes the new life of a dead job; false where it is not dead any more. */
  revive(hold: JobHold, progress: JobProgress): Promise<boolean>;
  /** Takes the delivery that is due first, counts the try and raises the fence; null where none is due. */
  leaseDelivery(nowMs: number, untilMs: number): Promise<StoredJob | null>;
  /** Writes what became of a delivery; false where somebody else has it by now. */
  settleDelivery(hold: JobHold, delivery: Delivery): Promise<boolean>;
  /** When the next job or delivery falls due after this time; null where none does. */
  nextDueMs(afterMs: number): Promise<number | null>;
  /** How many jobs wait and run. */
  unfinished(): Promise<UnfinishedJobs>;
  /** Deletes up to `batch` jobs that were finished before and owe no delivery; returns how many. */
  prune(finishedBeforeMs: number, batch: number): Promise<number>;
}

/** A job as it is accepted. */
export interface NewJob extends JobOrder {
  /** The request in the form of its API. */
  readonly body: string;
}

export interface StoredJob {
  readonly job: Job;
  /** Null where there is none, or none yet. */
  readonly answer: JobAnswer | null;
}

export interface LeasedJob {
  readonly job: Job;
  readonly body: string;
}

/** The right to write what becomes of a job: its id, and the fence of the lease. */
export interface JobHold {
  readonly jobId: string;
  readonly fence: number;
}

export interface JobQuery {
  /** Null: of all keys. */
  readonly keyId: string | null;
  /** Null: whatever it is. */
  readonly status: JobStatus | null;
  /** Where the page before ended; null for the first. */
  readonly cursor: string | null;
  readonly limit: number;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** Continues after the last job; null where there is nothing more. */
  readonly nextCursor: string | null;
}

export interface UnfinishedJobs {
  readonly queued: number;
  readonly running: number;
}

/** Small named texts of the installation. */
export interface SettingStore {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
}

/** What a presented key turned out to be. The message is fit for the client. */
export type Identification =
  | { readonly type: 'caller'; readonly caller: Caller }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly message: string };

/** Why a presented key is refused. */
export type RefusalReason = 'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked';

/** Tells who a presented key belongs to, from memory. */
export interface KeyDirectoryView {
  identify(presented: string | undefined): Identification;
}

/** What somebody decides about a new key. */
export interface NewKey extends Omit<Caller, 'keyId'> {
  /** Null never expires. */
  readonly expiresAtMs: number | null;
}

/** A key that was just made. The plain text exists here and nowhere else. */
export interface IssuedKey {
  readonly key: VirtualKey;
  readonly plain: string;
}

/** Makes, changes and revokes virtual keys: in the store first, then in the directory, then as an event. */
export interface KeyDesk {
  issue(wanted: NewKey): Promise<IssuedKey>;
  /**
   * Puts a key in force whose text the operator chose, known by its name: a text that was given under this name before, and
   * differs, is revoked. Rejects a weak text and one that was revoked.
   */
  adopt(plain: string, wanted: NewKey): Promise<VirtualKey>;
  list(): Promise<readonly VirtualKey[]>;
  get(keyId: string): Promise<VirtualKey | null>;
  update(keyId: string, change: KeyUpdate): Promise<VirtualKey | null>;
  revoke(keyId: string): Promise<VirtualKey | null>;
}

/** What somebody wants to have answered later. */
export interface JobWish extends Omit<NewJob, 'jobId' | 'createdAtMs'> {}

/** Takes requests in to be answered later, and shows them to the key that queued them. All reject with a `GatewayError`. */
export interface QueueDesk {
  /** What is wrong with the address of a webhook; null where news may go there. */
  webhookProblem(url: string): string | null;
  /** How long a job may wait that names no time of its own. */
  readonly ttlMs: number;
  /** Writes a job down; resolves when it is on the disk, and rejects when it is not, and never will be. */
  accept(wish: JobWish): Promise<Job>;
  /** A job of this key; null where it has none of this id. */
  find(keyId: string, jobId: string): Promise<StoredJob | null>;
  list(query: JobQuery): Promise<JobPage>;
  /** Deletes a job of this key that does not run; tells what stood in the way. */
  cancel(keyId: string, jobId: string): Promise<'cancelled' | 'running' | 'finished' | 'unknown'>;
}
