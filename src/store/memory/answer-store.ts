import type { AnswerPruning, AnswerStore, KeptAnswer } from '../store.ts';

/** Kept answers in memory, as many as fit; the oldest go first. */
export class MemoryAnswerStore implements AnswerStore {
  readonly #bytesMax: number;
  // In the order of writing; a Map keeps it and finds by id.
  readonly #answers = new Map<string, KeptAnswer>();
  #bytes = 0;

  constructor(bytesMax = 67_108_864) {
    this.#bytesMax = bytesMax;
  }

  async put(answers: readonly KeptAnswer[]): Promise<void> {
    for (const answer of answers) {
      this.#delete(answer.id);
      this.#set(answer);
    }
    for (const id of this.#answers.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#delete(id);
    }
  }

  async get(id: string): Promise<KeptAnswer | null> {
    return this.#answers.get(id) ?? null;
  }

  async prune({ expiredBeforeMs, forgottenBeforeMs, entriesMax }: AnswerPruning): Promise<void> {
    for (const [id, kept] of this.#answers) {
      if (kept.expiresAtMs <= forgottenBeforeMs) this.#delete(id);
      else if (kept.expiresAtMs <= expiredBeforeMs && kept.answer !== null) {
        this.#bytes -= bytesOf(kept);
        // Setting what is there already leaves the order as it is.
        this.#set({ ...kept, answer: null });
      }
    }
    const oldest = [...this.#answers.values()].toSorted((a, b) => a.createdAtMs - b.createdAtMs);
    for (const { id } of oldest.slice(0, Math.max(0, oldest.length - entriesMax))) this.#delete(id);
  }

  #set(kept: KeptAnswer): void {
    this.#answers.set(kept.id, kept);
    this.#bytes += bytesOf(kept);
  }

  #delete(id: string): void {
    const kept = this.#answers.get(id);
    if (kept === undefined) return;
    this.#answers.delete(id);
    this.#bytes -= bytesOf(kept);
  }
}

// What a small object, its ids and its headers take.
const ENTRY_BYTES = 1_000;

function bytesOf({ answer }: KeptAnswer): number {
  return ENTRY_BYTES + (answer?.body.length ?? 0);
}
