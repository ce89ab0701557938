import { BoundedQueue } from '../base/bounded-queue.ts';
import type { Clock, Log, Timer } from '../spec/ports.ts';
import type { AnswerPruning, AnswerStore, KeptAnswer } from '../store/store.ts';

export interface AnswerWriterOptions {
  readonly store: AnswerStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Most answers in the store. */
  readonly entriesMax: () => number;
  /**
   * Whether answers are deleted on time, by a timer that runs from the first one on, or only along with later writes, which
   * lets a script end that has nothing else to do.
   */
  readonly deletes: 'on-time' | 'with-writes';
}

/**
 * Writes answers to the store behind the requests: nobody waits for it. While the store is dead answers wait, up to a bound;
 * what comes then is kept in memory only. A crash of the process loses what was not yet written, a twentieth of a second.
 */
export class AnswerWriter {
  readonly #options: AnswerWriterOptions;
  #queue = new BoundedQueue<KeptAnswer>(WAITING_MAX);
  #unwritten: readonly KeptAnswer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #failures = 0;
  #timer: Timer | null = null;
  #pruneTimer: Timer | null = null;
  #pruneDueMs: number;
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(options: AnswerWriterOptions) {
    this.#options = options;
    this.#pruneDueMs = options.clock.monotonicMs() + PRUNE_EVERY_MS;
  }

  /** Answers that will not be in the store: too many waited. */
  get dropped(): number {
    return this.#dropped + this.#queue.dropped;
  }

  /** Answers that wait to be written. */
  get waiting(): number {
    return this.#queue.size + this.#unwritten.length;
  }

  write(kept: KeptAnswer): void {
    if (this.#closed) return;
    const bytes = kept.answer?.body.length ?? 0;
    if (this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      this.#dropped += 1;
      return;
    }
    if (!this.#queue.push(kept)) return;
    this.#waitingBytes += bytes;
    if (this.#timer === null && this.#writing === null) this.#writeSoon();
    if (this.#options.deletes === 'on-time') this.#pruneTimer ??= this.#pruneLater();
  }

  /** Takes no more answers and writes what waits, with one attempt. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#pruneTimer?.cancel();
    // A write that is under way holds only what came before it.
    await this.#writing;
    while (this.waiting > 0) {
      await this.#flush();
      if (this.#failures > 0) break;
    }
    if (this.waiting === 0) return;
    this.#options.log.error(
      'Answers were not written to the store before the end: their requests run anew if they are repeated.',
      { answers: this.waiting },
    );
  }

  async #flush(): Promise<void> {
    this.#timer = null;
    await (this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    }));
    if (this.waiting > 0 && !this.#closed) this.#writeSoon();
  }

  async #writeAll(): Promise<void> {
    if (this.#unwritten.length === 0) {
      this.#unwritten = this.#queue.drain();
      this.#waitingBytes = bytesOf(this.#unwritten);
    }
    if (this.#unwritten.length === 0) return;
    const { store, log } = this.#options;
    try {
      await store.put(this.#unwritten);
      this.#waitingBytes -= bytesOf(this.#unwritten);
      this.#unwritten = [];
      if (this.#options.clock.monotonicMs() >= this.#pruneDueMs) await this.#prune();
      if (this.#failures > 0) log.info('Answers can be written to the store again.', {});
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures > 1) return;
      log.error(
        'Answers cannot be written to the store at present: repetitions are recognised in memory only.',
        {
          waiting: this.waiting,
          error: error instanceof Error ? error.message : String(error),
        },
      );
    }
  }

  #writeSoon(): void {
    const pauseMs = Math.min(PAUSE_MS * 2 ** Math.min(this.#failures, 10), PAUSE_MS_MAX);
    this.#timer = this.#options.clock.after(pauseMs, () => void this.#flush());
  }

  // A failure needs no word of its own: writing fails then too, and says so; the next round tries again.
  async #prune(): Promise<void> {
    const { store, clock, entriesMax } = this.#options;
    const nowMs = clock.nowMs();
    this.#pruneDueMs = clock.monotonicMs() + PRUNE_EVERY_MS;
    const pruning: AnswerPruning = {
      expiredBeforeMs: nowMs,
      forgottenBeforeMs: nowMs - REMEMBERED_MS,
      entriesMax: entriesMax(),
    };
    try {
      await store.prune(pruning);
    } catch {}
  }

  #pruneLater(): Timer {
    return this.#options.clock.after(PRUNE_EVERY_MS, () => {
      void this.#prune().then(() => {
        this.#pruneTimer = this.#closed ? null : this.#pruneLater();
      });
    });
  }
}

const WAITING_MAX = 10_000;
const WAITING_BYTES_MAX = 67_108_864;
const PAUSE_MS = 50;
const PAUSE_MS_MAX = 10_000;
const PRUNE_EVERY_MS = 60_000;
/** How long it is remembered that there was an answer. */
const REMEMBERED_MS = 7 * 86_400_000;

function bytesOf(answers: readonly KeptAnswer[]): number {
  return answers.reduce((sum, { answer }) => sum + (answer?.body.length ?? 0), 0);
}
