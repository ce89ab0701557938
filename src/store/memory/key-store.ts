import type { VirtualKey } from '../../spec/identity.ts';
import { StoreError } from '../store-error.ts';
import type { KeyStore, KeyUpdate } from '../store.ts';

/** Virtual keys in memory. */
export class MemoryKeyStore implements KeyStore {
  readonly #keys = new Map<string, VirtualKey>();

  async create(key: VirtualKey): Promise<void> {
    const same = (other: VirtualKey) => other.keyId === key.keyId || other.hash === key.hash;
    if ([...this.#keys.values()].some(same)) {
      throw new StoreError('conflict', 'The same thing is stored already.');
    }
    this.#keys.set(key.keyId, key);
  }

  async list(): Promise<readonly VirtualKey[]> {
    return [...this.#keys.values()].toSorted(
      (a, b) => a.createdAtMs - b.createdAtMs || (a.keyId < b.keyId ? -1 : 1),
    );
  }

  async get(keyId: string): Promise<VirtualKey | null> {
    return this.#keys.get(keyId) ?? null;
  }

  async update(keyId: string, change: KeyUpdate): Promise<VirtualKey | null> {
    return this.#replace(keyId, (key) => ({ ...key, ...change }));
  }

  async revoke(keyId: string, atMs: number): Promise<VirtualKey | null> {
    return this.#replace(keyId, (key) => ({ ...key, revokedAtMs: key.revokedAtMs ?? atMs }));
  }

  #replace(keyId: string, change: (key: VirtualKey) => VirtualKey): VirtualKey | null {
    const key = this.#keys.get(keyId);
    if (key === undefined) return null;
    const changed = change(key);
    this.#keys.set(keyId, changed);
    return changed;
  }
}
