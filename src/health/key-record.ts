import { CLOSED, type Circuit } from './breaker.ts';
import { parkedUntil, type Parked } from './parking.ts';

/** What is remembered of a target under one key. */
export class KeyRecord {
  readonly index: number;
  circuit: Circuit = CLOSED;
  /** Requests that went elsewhere since its circuit opened. */
  passedBy = 0;
  /** Of this target alone; what holds for all models of the key stands in `ProviderKeys`. */
  parked: Parked | null = null;

  constructor(index: number) {
    this.index = index;
  }
}

/** What is remembered of a provider's keys, whatever the model: shared by the records of all of its targets. */
export class ProviderKeys {
  readonly provider: string;
  readonly #parked: (Parked | null)[] = [];

  constructor(provider: string) {
    this.provider = provider;
  }

  /** Number of keys that something was remembered of. */
  get size(): number {
    return this.#parked.length;
  }

  parked(keyIndex: number): Parked | null {
    return this.#parked[keyIndex] ?? null;
  }

  park(keyIndex: number, parked: Parked | null): void {
    if (parked === null && keyIndex >= this.#parked.length) return;
    while (this.#parked.length <= keyIndex) this.#parked.push(null);
    this.#parked[keyIndex] = parked;
  }

  /** Whether a key is left alone at this moment. */
  parksAny(nowMs: number): boolean {
    return this.#parked.some((parked) => parkedUntil(parked) > nowMs);
  }

  forget(): void {
    this.#parked.length = 0;
  }
}
