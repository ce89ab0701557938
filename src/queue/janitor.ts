import type { Timer } from '../spec/ports.ts';
import type { QueuePorts } from './ports.ts';

export interface JanitorOptions extends Pick<QueuePorts, 'store' | 'clock' | 'log'> {
  /** How long finished jobs are kept. */
  readonly keepMs: number;
}

/** Deletes finished jobs whose time is over, a few at a time. */
export class Janitor {
  readonly #options: JanitorOptions;
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: JanitorOptions) {
    this.#options = options;
    this.#schedule(FIRST_MS);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #schedule(ms: number): void {
    if (this.#closed) return;
    this.#timer = this.#options.clock.after(ms, () => {
      void this.#prune().then((more) => this.#schedule(more ? PAUSE_MS : EVERY_MS));
    });
  }

  // Whether there is more to delete. A failure is told and tried again at the next round.
  async #prune(): Promise<boolean> {
    const { store, clock, log, keepMs } = this.#options;
    try {
      return (await store.prune(clock.nowMs() - keepMs, BATCH)) === BATCH;
    } catch (error) {
      log.warn('Old queued requests could not be deleted; the next round tries again.', {
        error: error instanceof Error ? error.message : String(error),
      });
      return false;
    }
  }
}

const FIRST_MS = 60_000;
const EVERY_MS = 600_000;
const PAUSE_MS = 200;
const BATCH = 100;
