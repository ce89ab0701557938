import { textToBytes, type Bytes } from '../base/bytes.ts';
import { EventBus } from '../events/bus.ts';
import { createNodeRuntime } from '../node/runtime.ts';
import type { AdminAnswer } from '../server/admin/admin.ts';
import type { GatewayControl } from '../server/admin/ports.ts';
import type { Config } from '../config/config.ts';
import { revive } from '../queue/revive.ts';
import type { Caller } from '../spec/identity.ts';
import { KeyDirectory } from '../store/key-directory.ts';
import { createKeyDesk } from '../store/key-desk.ts';
import { openStores, pepperFor } from './open-stores.ts';

/** The admin API without a server: the same handlers over the store of a configuration, for whoever may open its file. */
export interface LocalAdmin {
  call(method: string, path: string, query: string, body: string | null): Promise<AdminAnswer>;
  close(): Promise<void>;
}

/** Opens the store as its only owner; rejects with a `locked` store error where a gateway runs on it. */
export async function openLocalAdmin(config: Pick<Config, 'store'>): Promise<LocalAdmin> {
  const { createAdmin } = await import('../server/admin/admin.ts');
  const node = createNodeRuntime({ log: { level: 'error', destination: 'stderr' }, processLife: 'hold' });
  const { clock, random, crypto, log } = node.runtime;
  const stores = await openStores(config, node);
  const pepper = await pepperFor(config, node, stores);
  const directory = new KeyDirectory({
    store: stores.keys,
    crypto,
    clock,
    log,
    pepper,
    refreshEveryMs: null,
  });
  await directory.load();
  // The event that a key changed has nobody to hear it here; a gateway reads the store when it starts.
  const bus = new EventBus({ clock, log });
  const keys = createKeyDesk({
    store: stores.keys,
    directory,
    clock,
    random,
    publish: (event) => bus.publish(event),
  });
  const handle = createAdmin({
    clock,
    log,
    directory: { identify: () => ({ type: 'caller', caller: OWNER }) },
    keys,
    requests: stores.requests,
    gateway: NO_GATEWAY,
    queue: {
      list: (query) => stores.queue.list(query),
      revive: (jobId) => revive({ store: stores.queue, clock }, jobId),
    },
    simulator: null,
    drills: null,
  });
  return {
    call: (method, path, query, body) =>
      handle({ method, path, query, headers: [], body: bytesOf(body), address: 'local' }),
    close: async () => {
      await stores.close();
      await node.close();
    },
  };
}

// Whoever can open the database file needs no key: the file's permissions are the lock.
const OWNER: Caller = {
  keyId: 'local',
  name: 'owner of the database file',
  role: 'admin',
  models: null,
  directTargets: true,
  tags: [],
};

function bytesOf(body: string | null): Bytes {
  return textToBytes(body ?? '');
}

function notRunning(): never {
  throw new Error('No gateway runs here.');
}

const NO_GATEWAY: GatewayControl = {
  health: notRunning,
  healthReport: notRunning,
  models: notRunning,
  config: notRunning,
  reload: notRunning,
  explain: notRunning,
};
