import type { Clock } from '../spec/ports.ts';
import { StoreError } from './store-error.ts';
import type { Stores } from './store.ts';

export interface TimeLimits {
  readonly clock: Pick<Clock, 'after'>;
  /** How long anything may take, in milliseconds. Default 30 seconds: a slow disk is served, a dead one is noticed. */
  readonly workMs?: number;
  /** How long the question may take whether it works. Default 2 seconds. */
  readonly healthMs?: number;
  /** How long closing may take. Default 10 seconds. */
  readonly closeMs?: number;
}

/**
 * The same stores, but every call is over in time: what takes longer rejects with `unavailable`, and may still come about
 * afterwards. So a store that hangs is a store that fails, which everybody who uses one can live with. The queue has
 * limits of its own.
 */
export function withTimeLimits(stores: Stores, limits: TimeLimits): Stores {
  const { clock, workMs = 30_000, healthMs = 2_000, closeMs = 10_000 } = limits;
  const soon = <Value>(work: () => Promise<Value>): Promise<Value> => inTime(clock, workMs, work);
  const { keys, requests, settings, answers } = stores;
  return {
    ...stores,
    keys: {
      create: (key) => soon(() => keys.create(key)),
      list: () => soon(() => keys.list()),
      get: (keyId) => soon(() => keys.get(keyId)),
      update: (keyId, change) => soon(() => keys.update(keyId, change)),
      revoke: (keyId, atMs) => soon(() => keys.revoke(keyId, atMs)),
    },
    requests: {
      append: (rows) => soon(() => requests.append(rows)),
      list: (query) => soon(() => requests.list(query)),
      get: (requestId) => soon(() => requests.get(requestId)),
      prune: (beforeMs, batch) => soon(() => requests.prune(beforeMs, batch)),
    },
    settings: {
      get: (name) => soon(() => settings.get(name)),
      set: (name, value) => soon(() => settings.set(name, value)),
    },
    answers: {
      put: (rows) => soon(() => answers.put(rows)),
      get: (id) => soon(() => answers.get(id)),
      prune: (pruning) => soon(() => answers.prune(pruning)),
    },
    health: async () => {
      try {
        return await inTime(clock, healthMs, () => stores.health());
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    close: () => inTime(clock, closeMs, () => stores.close()),
  };
}

function inTime<Value>(
  clock: Pick<Clock, 'after'>,
  limitMs: number,
  work: () => Promise<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () =>
      reject(new StoreError('unavailable', `The store did not answer within ${limitMs} ms.`)),
    );
    // What it throws at once becomes a rejection like any other.
    const started = async (): Promise<Value> => work();
    started().then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}
