import type { Clock, Log } from '../spec/ports.ts';
import type { AnswerStore, KeptAnswer } from '../store/store.ts';

export interface AnswerLookupOptions {
  readonly store: AnswerStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the store said: an answer, that there is none, or nothing in time. */
export type LookedUp =
  | { readonly type: 'kept'; readonly kept: KeptAnswer }
  | { readonly type: 'none' }
  | { readonly type: 'unavailable'; readonly why: string };

/**
 * Asks the store for an answer and waits for it a moment only. A store that was slow or failed is left alone for a while, so
 * that requests do not pay for it one after the other.
 */
export class AnswerLookup {
  readonly #options: AnswerLookupOptions;
  #retryAtMs = -Infinity;
  #failing = false;

  constructor(options: AnswerLookupOptions) {
    this.#options = options;
  }

  async get(id: string): Promise<LookedUp> {
    const { clock, log } = this.#options;
    if (clock.monotonicMs() < this.#retryAtMs) return LEFT_ALONE;
    const looked = await this.#inTime(id);
    if (looked.type === 'unavailable') {
      this.#retryAtMs = clock.monotonicMs() + RETRY_AFTER_MS;
      if (!this.#failing) {
        log.warn('Kept answers cannot be looked up at present; requests go on without.', {
          error: looked.why,
        });
      }
    } else if (this.#failing) {
      log.info('Kept answers can be looked up again.', {});
    }
    this.#failing = looked.type === 'unavailable';
    return looked;
  }

  #inTime(id: string): Promise<LookedUp> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.after(WAIT_MS, () =>
        resolve({ type: 'unavailable', why: `the store did not answer within ${WAIT_MS} ms` }),
      );
      void this.#ask(id).then((looked) => {
        timer.cancel();
        resolve(looked);
      });
    });
  }

  // Never rejects.
  async #ask(id: string): Promise<LookedUp> {
    try {
      const kept = await this.#options.store.get(id);
      return kept === null ? { type: 'none' } : { type: 'kept', kept };
    } catch (error) {
      return { type: 'unavailable', why: error instanceof Error ? error.message : String(error) };
    }
  }
}

const WAIT_MS = 200;
const RETRY_AFTER_MS = 5_000;
const LEFT_ALONE: LookedUp = { type: 'unavailable', why: 'the store failed a moment ago' };
