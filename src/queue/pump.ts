import type { Clock, Log, Timer } from '../spec/ports.ts';

export interface PumpOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** What is taken, for the log: `jobs`. */
  readonly what: string;
  readonly concurrency: number;
  /** Takes the next piece of work that is due and gives what does it; null where none is due. Rejects where the store fails. */
  take(nowMs: number): Promise<(() => Promise<void>) | null>;
  /** When more falls due after this time; null where nothing is known to. */
  nextDueMs(afterMs: number): Promise<number | null>;
}

/**
 * Takes work as long as some is due and hands are free, then sleeps until more falls due or somebody wakes it. A store that
 * fails is asked again after pauses that grow.
 */
export class Pump {
  readonly #options: PumpOptions;
  #working = 0;
  #failures = 0;
  #again = false;
  #round: Promise<void> | null = null;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Looks for work now. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#round ??= this.#rounds();
  }

  /** Takes nothing more; resolves when the round under way has ended. What was taken goes on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#round;
  }

  async #rounds(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#sleepUntilDue(await this.#takeAll());
        this.#failures = 0;
      } catch (error) {
        this.#failed(error);
      }
    }
    // At once, so that no call of `wake` can fall between the last look and the end of the round.
    this.#round = null;
  }

  // Gives the time up to which everything was looked at: what falls due a moment later must not be slept over.
  async #takeAll(): Promise<number> {
    const { clock, concurrency } = this.#options;
    for (;;) {
      const nowMs = clock.nowMs();
      if (this.#working >= concurrency || this.#stopped) return nowMs;
      const work = await this.#options.take(nowMs);
      if (work === null) return nowMs;
      this.#working += 1;
      void work()
        .catch((error: unknown) => this.#told(error))
        .finally(() => {
          this.#working -= 1;
          this.wake();
        });
    }
  }

  async #sleepUntilDue(lookedAtMs: number): Promise<void> {
    const { clock } = this.#options;
    const dueMs = await this.#options.nextDueMs(lookedAtMs);
    this.#sleep(Math.min(dueMs === null ? IDLE_MS : Math.max(1, dueMs - clock.nowMs()), IDLE_MS));
  }

  #sleep(ms: number): void {
    if (this.#stopped || this.#again) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => this.wake());
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    // Told at the first, second, fourth, eighth failure in a row.
    if ((this.#failures & (this.#failures - 1)) === 0) {
      this.#options.log.error('The queue cannot read or write its store at present; it tries again.', {
        what: this.#options.what,
        failures: this.#failures,
        error: error instanceof Error ? error.message : String(error),
      });
    }
    this.#sleep(Math.min(PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10), IDLE_MS));
  }

  #told(error: unknown): void {
    this.#options.log.error('The queue failed on a piece of work through a fault of our own.', {
      what: this.#options.what,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

/** How long it sleeps at most: what another worker left behind is found then. */
const IDLE_MS = 30_000;
const PAUSE_MS = 500;
