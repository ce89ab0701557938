import type { Clock, Timer } from '../spec/ports.ts';
import type { Job, JobAnswer, JobProgress } from '../spec/queue.ts';
import type { LeasedJob, UnfinishedJobs } from '../store/store.ts';
import { step, type JobEvent, type JobRules } from './job.ts';
import type { JobRun, JobRunner, QueuePorts, RunOutcome } from './ports.ts';
import { Pump } from './pump.ts';

export interface WorkerOptions extends QueuePorts {
  readonly runner: JobRunner;
  readonly rules: JobRules;
  readonly concurrency: number;
  /** How long a lease holds without a sign of life. */
  readonly leaseMs: number;
  /** Whether nobody else works on this store: whatever runs at the start then has lost its worker. */
  readonly onlyOwner: boolean;
  /** Whether a job may be run: its client may still wait to be told that it was accepted. */
  mayRun(jobId: string): Promise<boolean>;
  /** Called when a job is finished whose news somebody waits for. */
  delivers(): void;
}

/**
 * Runs queued jobs: takes a lease, runs, writes what came of it, and keeps the lease alive meanwhile. Jobs are run at least
 * once; what they came to is written by whoever holds the last lease, so exactly once.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #pump: Pump;
  readonly #held = new Set<Held>();
  #unfinished: UnfinishedJobs = { queued: 0, running: 0 };
  #closed = false;
  #takesAllBack: boolean;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#takesAllBack = options.onlyOwner;
    const { clock, log, concurrency, store } = options;
    this.#pump = new Pump({
      clock,
      log,
      concurrency,
      what: 'jobs',
      take: (nowMs) => this.#take(nowMs),
      nextDueMs: async (afterMs) => {
        this.#unfinished = await store.unfinished();
        return store.nextDueMs(afterMs);
      },
    });
  }

  /** Jobs that wait and run, as last counted. */
  get unfinished(): UnfinishedJobs {
    return this.#unfinished;
  }

  /** Jobs that it has under way, by id. */
  get held(): readonly string[] {
    return [...this.#held].map(({ jobId }) => jobId);
  }

  /** Looks for work now; the first time begins. */
  wake(): void {
    this.#pump.wake();
  }

  /**
   * Takes nothing more, lets what runs finish up to the grace, and gives the rest back to the queue. Resolves when nothing
   * of it is under way.
   */
  async close(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    // A store that hangs holds the round up, but not the end of the grace.
    const over = clock.after(graceMs, () => this.#abandonAll());
    await this.#pump.stop();
    await Promise.all([...this.#held].map(({ done }) => done));
    over.cancel();
  }

  #abandonAll(): void {
    this.#closed = true;
    for (const held of this.#held) held.run?.abandon();
  }

  async #take(nowMs: number): Promise<(() => Promise<void>) | null> {
    const { store, leaseMs } = this.#options;
    await this.#reclaim(nowMs);
    const leased = await store.lease(nowMs, nowMs + leaseMs);
    return leased === null ? null : () => this.#hold(leased);
  }

  // What a process that died had under way is taken back at once by the only owner of the store; else leases run out.
  async #reclaim(nowMs: number): Promise<void> {
    const { store, log } = this.#options;
    const reclaimed = await store.reclaim(this.#takesAllBack ? Infinity : nowMs, nowMs);
    this.#takesAllBack = false;
    if (reclaimed > 0)
      log.warn('Queued requests lost the process that ran them; they run again.', { jobs: reclaimed });
  }

  #hold(leased: LeasedJob): Promise<void> {
    const held: Held = { jobId: leased.job.jobId, run: null, done: Promise.resolve() };
    this.#held.add(held);
    held.done = this.#work(leased, held).finally(() => this.#held.delete(held));
    return held.done;
  }

  async #work({ job, body }: LeasedJob, held: Held): Promise<void> {
    const { clock, rules, runner } = this.#options;
    // Its writing is being undone, and the lease goes with it.
    if (!(await this.#options.mayRun(job.jobId))) return;
    const begun = step(job, { type: 'begun', atMs: clock.nowMs() }, rules);
    if (begun.state.status !== 'running') {
      await this.#settle(job, begun, null);
      return;
    }
    const run = runner.run(job, body);
    held.run = run;
    if (this.#closed) run.abandon();
    const heart = new Heartbeat(this.#options, job, run);
    const outcome = await run.done;
    const progress = step(job, this.#eventOf(outcome), rules);
    // One that came behind the result would take a job that waits again for one that runs.
    await heart.stop();
    await this.#settle(job, progress, outcome.type === 'answered' ? outcome.answer : null);
  }

  #eventOf(outcome: RunOutcome): JobEvent {
    const { clock, random } = this.#options;
    const atMs = clock.nowMs();
    switch (outcome.type) {
      case 'answered':
        return { type: 'answered', atMs };
      case 'failed': {
        const { status, message, transient, retryAfterMs } = outcome;
        const failure = { status, message, transient, retryAfterMs, chance: random.next() };
        return { type: 'failed', atMs, failure };
      }
      case 'barred':
        return { type: 'barred', atMs, message: outcome.message };
      case 'abandoned':
        return { type: 'released', atMs };
    }
  }

  // An answer was paid for, so it is held on to until the store takes it, or somebody else has the job, or all is closed.
  async #settle(job: Job, progress: JobProgress, answer: JobAnswer | null): Promise<void> {
    const { store, clock, log } = this.#options;
    for (let failures = 0; ; failures += 1) {
      try {
        const settled = await store.settle(job, progress, answer);
        if (settled || (failures > 0 && (await this.#isSettled(job, progress)))) this.#tell(job, progress);
        else
          log.warn('A queued request was taken over while it ran; its answer is dropped.', {
            jobId: job.jobId,
          });
        return;
      } catch (error) {
        const told = { jobId: job.jobId, error: error instanceof Error ? error.message : String(error) };
        if (this.#closed) {
          log.error(
            'What a queued request came to could not be written; it may run again after the next start.',
            told,
          );
          return;
        }
        if (failures === 0) log.error('What a queued request came to cannot be written yet.', told);
        await pause(clock, Math.min(SETTLE_PAUSE_MS * 2 ** Math.min(failures, 10), SETTLE_PAUSE_MS_MAX));
      }
    }
  }

  // A writing whose answer was lost may have come about all the same.
  async #isSettled({ jobId }: Job, { state }: JobProgress): Promise<boolean> {
    const { state: found } = (await this.#options.store.get(jobId))?.job ?? {};
    return (
      found?.status === state.status &&
      'finishedAtMs' in found &&
      'finishedAtMs' in state &&
      found.finishedAtMs === state.finishedAtMs
    );
  }

  #tell(job: Job, { state, attempts, delivery }: JobProgress): void {
    const { log } = this.#options;
    if (state.status !== 'answered' && state.status !== 'dead') return;
    const reason = state.status === 'dead' ? state.reason : null;
    const { jobId, keyId, model } = job;
    if (reason !== null) {
      log.warn('A queued request is dead.', {
        jobId,
        keyId,
        model,
        attempts,
        code: reason.code,
        reason: reason.message,
      });
    }
    const durationMs = state.finishedAtMs - job.createdAtMs;
    this.#options.publish({
      type: 'job-finished',
      atMs: state.finishedAtMs,
      jobId,
      keyId,
      model,
      outcome: state.status,
      attempts,
      durationMs,
      reason,
    });
    if (delivery !== null) this.#options.delivers();
  }
}

const SETTLE_PAUSE_MS = 250;
const SETTLE_PAUSE_MS_MAX = 10_000;

/** A job that this worker has. */
interface Held {
  readonly jobId: string;
  run: JobRun | null;
  done: Promise<void>;
}

/** Renews a lease while its job runs; gives the run up where the lease is lost. */
class Heartbeat {
  readonly #options: WorkerOptions;
  readonly #job: Job;
  readonly #run: JobRun;
  #timer: Timer | null = null;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: WorkerOptions, job: Job, run: JobRun) {
    this.#options = options;
    this.#job = job;
    this.#run = run;
    this.#schedule();
  }

  /** Resolves when none is under way any more. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    return this.#beating;
  }

  #schedule(): void {
    const { clock, leaseMs } = this.#options;
    this.#timer = clock.after(Math.max(1, leaseMs / BEATS_PER_LEASE), () => {
      this.#beating = this.#beat();
    });
  }

  async #beat(): Promise<void> {
    const { store, clock, leaseMs, log } = this.#options;
    try {
      const kept = await store.renew(this.#job, clock.nowMs() + leaseMs);
      if (!kept && !this.#stopped) this.#run.abandon();
    } catch (error) {
      log.warn('The lease of a queued request could not be renewed; the next beat tries again.', {
        jobId: this.#job.jobId,
        error: error instanceof Error ? error.message : String(error),
      });
    }
    if (!this.#stopped) this.#schedule();
  }
}

const BEATS_PER_LEASE = 3;

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
