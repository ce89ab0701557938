import { memoryStores } from '../../src/store/memory/memory-stores.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { Stores } from '../../src/store/store.ts';
import type { Clock } from '../../src/spec/ports.ts';

/** Ways in which a store is no help. `full` and `locked` can still be read. */
export const STORE_FAULTS = ['slow', 'full', 'locked', 'dead', 'throwing', 'hanging'] as const;
export type StoreFault = (typeof STORE_FAULTS)[number];

export const SLOW_MS = 10_000;

/** Stores that can be broken and mended while they are used. */
export interface FaultyStores {
  readonly stores: Stores;
  fault: StoreFault | null;
}

/** Stores in memory whose every method goes through the fault that is set. */
export function faultyStores(clock: Clock): FaultyStores {
  const inner = memoryStores();
  const broken = (work: 'read' | 'write'): Promise<void> => {
    switch (faulty.fault) {
      case null:
        return Promise.resolve();
      case 'slow':
        return new Promise((resolve) => {
          clock.after(SLOW_MS, resolve);
        });
      case 'full':
        return work === 'read' ? Promise.resolve() : Promise.reject(failure('The disk is full.'));
      case 'locked':
        return work === 'read' ? Promise.resolve() : Promise.reject(failure('The database is busy.'));
      case 'dead':
        return Promise.reject(failure('Its thread failed.'));
      case 'throwing':
        throw new TypeError('a fault of the store itself');
      case 'hanging':
        return new Promise(() => undefined);
    }
  };
  const after = <Value>(work: 'read' | 'write', then: () => Promise<Value>): Promise<Value> =>
    broken(work).then(then);
  const { keys, requests, settings, answers } = inner;
  const faulty: FaultyStores = {
    fault: null,
    stores: {
      ...inner,
      keys: {
        create: (key) => after('write', () => keys.create(key)),
        list: () => after('read', () => keys.list()),
        get: (id) => after('read', () => keys.get(id)),
        update: (id, change) => after('write', () => keys.update(id, change)),
        revoke: (id, atMs) => after('write', () => keys.revoke(id, atMs)),
      },
      requests: {
        append: (rows) => after('write', () => requests.append(rows)),
        list: (query) => after('read', () => requests.list(query)),
        get: (id) => after('read', () => requests.get(id)),
        prune: (beforeMs, batch) => after('write', () => requests.prune(beforeMs, batch)),
      },
      settings: {
        get: (name) => after('read', () => settings.get(name)),
        set: (name, value) => after('write', () => settings.set(name, value)),
      },
      answers: {
        put: (rows) => after('write', () => answers.put(rows)),
        get: (id) => after('read', () => answers.get(id)),
        prune: (pruning) => after('write', () => answers.prune(pruning)),
      },
      health: () => after('read', () => inner.health()),
      close: () => after('write', () => inner.close()),
    },
  };
  return faulty;
}

function failure(message: string): StoreError {
  return new StoreError('unavailable', message);
}
