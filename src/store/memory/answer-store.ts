import type { AnswerPruning, AnswerStore, KeptAnswer } from '../store.ts';

/** Kept answers in memory. What bounds them is `prune`, and whoever writes: see idempotency/answer-writer.ts. */
export class MemoryAnswerStore implements AnswerStore {
  // In the order of writing; a Map keeps it and finds by id.
  readonly #answers = new Map<string, KeptAnswer>();

  async put(answers: readonly KeptAnswer[]): Promise<void> {
    for (const answer of answers) {
      this.#answers.delete(answer.id);
      this.#answers.set(answer.id, answer);
    }
  }

  async get(id: string): Promise<KeptAnswer | null> {
    return this.#answers.get(id) ?? null;
  }

  async prune({ expiredBeforeMs, forgottenBeforeMs, entriesMax }: AnswerPruning): Promise<void> {
    for (const [id, kept] of this.#answers) {
      if (kept.expiresAtMs <= forgottenBeforeMs) this.#answers.delete(id);
      else if (kept.expiresAtMs <= expiredBeforeMs) this.#answers.set(id, { ...kept, answer: null });
    }
    const oldest = [...this.#answers.values()].toSorted((a, b) => a.createdAtMs - b.createdAtMs);
    for (const { id } of oldest.slice(0, Math.max(0, oldest.length - entriesMax))) this.#answers.delete(id);
  }
}
