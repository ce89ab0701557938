import type { SettingStore, Stores } from '../store.ts';
import { MemoryAnswerStore } from './answer-store.ts';
import { MemoryKeyStore } from './key-store.ts';
import { MemoryQueueStore } from './queue-store.ts';
import { MemoryRequestLogStore } from './request-log-store.ts';

export interface MemoryStoresOptions {
  /** Rows of the request log that are kept; the oldest go first. Default 10,000. */
  readonly requestRowsMax?: number;
}

/** Stores that forget everything at the end: for tests, and for a gateway inside another program. */
export function memoryStores({ requestRowsMax = 10_000 }: MemoryStoresOptions = {}): Stores {
  return {
    keys: new MemoryKeyStore(),
    requests: new MemoryRequestLogStore(requestRowsMax),
    settings: memorySettingStore(),
    answers: new MemoryAnswerStore(),
    queue: new MemoryQueueStore(),
    health: async () => null,
    close: async () => {},
  };
}

function memorySettingStore(): SettingStore {
  const values = new Map<string, string>();
  return {
    get: async (name) => values.get(name) ?? null,
    set: async (name, value) => void values.set(name, value),
  };
}
