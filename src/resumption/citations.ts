import type { NativeValue } from '../spec/generate.ts';
import type { Delivered } from './delivered.ts';

/** Citations that the client has, so that an attempt which begins anew does not give them twice. */
export class DeliveredCitations {
  readonly #left = new Map<string, number>();

  constructor({ blocks }: Delivered) {
    for (const { citations } of blocks) {
      for (const citation of citations) {
        const key = JSON.stringify(citation);
        this.#left.set(key, (this.#left.get(key) ?? 0) + 1);
      }
    }
  }

  /** Whether this one is among them; each counts once. */
  take(citation: NativeValue): boolean {
    if (this.#left.size === 0) return false;
    const key = JSON.stringify(citation);
    const left = this.#left.get(key) ?? 0;
    if (left > 0) this.#left.set(key, left - 1);
    return left > 0;
  }
}
