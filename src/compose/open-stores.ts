import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { createClock } from '../node/clock.ts';
import type { NodeRuntime } from '../node/runtime.ts';
import type { Runtime } from '../spec/ports.ts';
import type { Stores } from '../store/store.ts';

/**
 * Begins to open the store while the rest of the program is still being loaded: its thread starts meanwhile. Whoever is
 * given the promise has to wait for it; a failure is told there and nowhere before.
 */
export function openStoresEarly(config: Pick<Config, 'store'>): Promise<Stores> {
  const opening = openStores(config, { runtime: { clock: createClock() } });
  opening.catch(() => undefined);
  return opening;
}

/** Opens the store that a configuration names; whoever opens it is its only owner until he closes it. */
export async function openStores(
  { store }: Pick<Config, 'store'>,
  { runtime }: { readonly runtime: Pick<Runtime, 'clock'> },
): Promise<Stores> {
  if (store.url === 'memory:') {
    const { memoryStores } = await import('../store/memory/memory-stores.ts');
    return memoryStores();
  }
  const { openSqliteStoresInThread } = await import('../store/sql/sqlite-stores.ts');
  return openSqliteStoresInThread({ path: sqlitePath(store.url), clock: runtime.clock });
}

/** The pepper that belongs to a store; made together with a new database. */
export async function pepperFor(
  { store }: Pick<Config, 'store'>,
  { runtime }: NodeRuntime,
  stores: Stores,
): Promise<string> {
  const { random, crypto } = runtime;
  // A store that forgets its keys needs no pepper that outlives it.
  if (store.url === 'memory:') return random.hex(32);
  const { openPepper } = await import('../store/pepper.ts');
  const path = join(dirname(sqlitePath(store.url)), 'pepper');
  return openPepper({ path, settings: stores.settings, random, crypto });
}

/** The file of an embedded database. */
export function sqlitePath(url: string): string {
  return url.replace(/^sqlite:/, '');
}
