import { BoundedQueue } from '../base/bounded-queue.ts';
import type { GatewayEvent } from '../spec/event.ts';
import type { Clock, Log, Timer } from '../spec/ports.ts';
import { StoreError } from '../store/store-error.ts';
import type { RequestLogRow, RequestLogStore } from '../store/store.ts';

export interface RequestLogOptions {
  readonly store: RequestLogStore;
  readonly clock: Clock;
  readonly log: Log;
  /** How long rows are kept; null keeps them for ever. Default 200 days, more than the half year that auditors ask for. */
  readonly keepMs?: number | null;
}

/**
 * Writes finished requests to the store in batches, off the path of requests: `hear` only puts a row into a bounded queue.
 * While the store is dead rows wait until the queue is full; what comes then is dropped and counted. A crash of the process
 * loses what was not yet written, a quarter of a second at most.
 */
export class RequestLog {
  readonly #options: RequestLogOptions;
  readonly #queue = new BoundedQueue<RequestLogRow>(QUEUE_ROWS_MAX);
  #unwritten: readonly RequestLogRow[] = [];
  #rejected = 0;
  #failures = 0;
  #problem: string | null = null;
  #timer: Timer | null = null;
  #pruneTimer: Timer | null = null;
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(options: RequestLogOptions) {
    this.#options = options;
    this.#schedulePrune(PRUNE_FIRST_MS);
  }

  /** Rows that were lost, since the start: the queue was full, or the store refused this very row. */
  get dropped(): number {
    return this.#queue.dropped + this.#rejected;
  }

  /** Rows that wait to be written. */
  get waiting(): number {
    return this.#queue.size + this.#unwritten.length;
  }

  /** Why the last batch could not be written; null where writing works. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The listener for the event bus; it may be subscribed without a queue. */
  readonly hear = (event: GatewayEvent): void => {
    if (event.type !== 'request-finished' || this.#closed) return;
    this.#queue.push(event);
    if (this.#queue.size === HURRY_ROWS && this.#failures === 0) this.#writeSoon(0);
    else if (this.#timer === null) this.#writeSoon(this.#pauseMs());
  };

  /** Writes what waits; resolves also where the store fails. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await (this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    }));
    if (this.waiting > 0 && this.#timer === null && !this.#closed) this.#writeSoon(this.#pauseMs());
  }

  /** Takes no more rows and writes what waits, with one attempt. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pruneTimer?.cancel();
    await this.flush();
    this.#timer?.cancel();
    if (this.waiting > 0) {
      this.#options.log.error('The last rows of the request log could not be written and are lost.', {
        rows: this.waiting,
      });
    }
  }

  // A batch at a time and a turn of the event loop in between, so that a long queue never holds up streams: handing a row
  // to the thread of the database costs about five microseconds, a batch thus one millisecond.
  async #write(): Promise<void> {
    do {
      if (this.#unwritten.length === 0) this.#unwritten = this.#queue.drain();
      const batch = this.#unwritten.slice(0, BATCH_ROWS);
      if (batch.length === 0 || !(await this.#append(batch))) return;
      this.#unwritten = this.#unwritten.slice(batch.length);
      if (this.waiting > 0) await this.#turn();
    } while (this.waiting > 0);
  }

  // Whether the batch is done with, be it that some of its rows are refused for good.
  async #append(batch: readonly RequestLogRow[]): Promise<boolean> {
    const { store } = this.#options;
    try {
      await store.append(batch);
      return this.#wrote();
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'rejected') return this.#failed(error);
    }
    return this.#appendOneByOne(batch);
  }

  // One row that no column takes must not hold back the others for ever.
  async #appendOneByOne(batch: readonly RequestLogRow[]): Promise<boolean> {
    const { store, log } = this.#options;
    for (const row of batch) {
      try {
        await store.append([row]);
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'rejected') return this.#failed(error);
        this.#rejected += 1;
        log.error('The store refused a row of the request log; it is lost.', {
          requestId: row.requestId,
          error: error.message,
        });
      }
    }
    return this.#wrote();
  }

  #wrote(): true {
    this.#failures = 0;
    this.#problem = null;
    return true;
  }

  #failed(error: unknown): false {
    this.#failures += 1;
    this.#problem = error instanceof Error ? error.message : String(error);
    if ((this.#failures & (this.#failures - 1)) === 0) {
      this.#options.log.error('The request log cannot be written at present; requests are not affected.', {
        failures: this.#failures,
        waiting: this.waiting,
        dropped: this.dropped,
        error: this.#problem,
      });
    }
    return false;
  }

  #writeSoon(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = null;
      void this.flush(); // It never rejects: #append answers for every failure.
    });
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(0, resolve);
    });
  }

  #pauseMs(): number {
    return Math.min(BATCH_PAUSE_MS * 2 ** Math.min(this.#failures, 10), FAILED_PAUSE_MS_MAX);
  }

  #schedulePrune(afterMs: number): void {
    const { clock, keepMs = KEEP_MS } = this.#options;
    if (keepMs === null || this.#closed) return;
    this.#pruneTimer = clock.after(afterMs, () => {
      void this.#prune(clock.nowMs() - keepMs).then((more) =>
        this.#schedulePrune(more ? PRUNE_PAUSE_MS : PRUNE_EVERY_MS),
      );
    });
  }

  // Whether there is more to delete. A failure is told and tried again at the next round.
  async #prune(startedBeforeMs: number): Promise<boolean> {
    try {
      const deleted = await this.#options.store.prune(startedBeforeMs, PRUNE_ROWS);
      return deleted === PRUNE_ROWS;
    } catch (error) {
      this.#options.log.warn(
        'Old rows of the request log could not be deleted; the next round tries again.',
        {
          error: error instanceof Error ? error.message : String(error),
        },
      );
      return false;
    }
  }
}

const QUEUE_ROWS_MAX = 20_000;
const BATCH_ROWS = 200;
/** So many waiting rows are written at once instead of after the pause: what lives shortly is cheap to collect. */
const HURRY_ROWS = 200;
const BATCH_PAUSE_MS = 250;
const FAILED_PAUSE_MS_MAX = 10_000;
const KEEP_MS = 200 * 86_400_000;
const PRUNE_FIRST_MS = 60_000;
const PRUNE_EVERY_MS = 3_600_000;
const PRUNE_PAUSE_MS = 100;
const PRUNE_ROWS = 500;
