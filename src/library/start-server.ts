import { startInstance } from '../compose/instance.ts';
import { loadConfig } from '../compose/load-config.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createLog } from '../node/log.ts';
import { createSecrets } from '../node/secrets.ts';
import type { KeyDesk } from '../store/store.ts';
import { configSource, type GatewayOptions } from './config-source.ts';

/** A gateway that serves HTTP inside this program. */
export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:8484`. */
  readonly url: string;
  readonly gateway: Gateway;
  /** Makes, lists and revokes virtual keys; a new installation has none. */
  readonly keys: KeyDesk;
  /** Takes no new requests, lets those under way finish up to the grace, and closes everything. */
  close(graceMs?: number): Promise<void>;
}

const GRACE_MS = 30_000;

/**
 * Starts the whole gateway with its HTTP server: what `bellwether serve` does, without a terminal. Throws `ConfigError` or
 * `StoreError` with what to do, or the error of listening.
 */
export async function startServer(options: GatewayOptions = {}): Promise<RunningServer> {
  const loaded = loadConfig(await configSource(options.config), createSecrets(options.environment));
  const log = options.log === undefined ? {} : { log: createLog(options.log) };
  const instance = await startInstance({ loaded, ...log });
  const { server, gateway, keys } = instance;
  const close = async (graceMs = GRACE_MS): Promise<void> => {
    await instance.close(graceMs);
  };
  return { url: server.url, gateway, keys, close };
}
