import type { KeptAnswer } from '../store/store.ts';
import type { Room } from './recording.ts';

/**
 * The answers that were kept last, in memory, and the count of all bytes that answers hold there. Kept answers make room for
 * those under way, the oldest first; the store still has them.
 */
export class AnswerCache implements Room {
  readonly #bytesMax: number;
  readonly #kept = new Map<string, KeptAnswer>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes held by kept answers and answers under way. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#kept.size;
  }

  take(bytes: number): boolean {
    if (bytes > this.#bytesMax) return false;
    for (const id of this.#kept.keys()) {
      if (this.#bytes + bytes <= this.#bytesMax) break;
      this.delete(id);
    }
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** An answer whose time is not over. */
  get(id: string, nowMs: number): KeptAnswer | null {
    const kept = this.#kept.get(id);
    if (kept === undefined) return null;
    if (kept.expiresAtMs > nowMs) return kept;
    this.delete(id);
    return null;
  }

  /** Keeps an answer where there is room; `entriesMax` bounds their number. */
  set(kept: KeptAnswer, entriesMax: number): void {
    this.delete(kept.id);
    if (!this.take(sizeOf(kept))) return;
    this.#kept.set(kept.id, kept);
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= entriesMax) return;
      this.delete(id);
    }
  }

  delete(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#bytes -= sizeOf(kept);
  }
}

// What a small object, its ids and its headers take.
const ENTRY_BYTES = 1_000;

function sizeOf({ answer }: KeptAnswer): number {
  return ENTRY_BYTES + (answer?.body.length ?? 0);
}
