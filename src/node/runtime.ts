import type { Runtime } from '../spec/ports.ts';
import { createClock, type ProcessLife } from './clock.ts';
import { createCrypto } from './crypto.ts';
import { createLog, type LogOptions, type NodeLog } from './log.ts';
import { createRandom } from './random.ts';
import { createSecrets } from './secrets.ts';
import { createTransport, type TransportOptions } from './transport.ts';

/** What may differ between a server, a script and a test; everything has a default. */
export interface NodeRuntimeOptions {
  readonly log?: LogOptions;
  readonly transport?: TransportOptions;
  /** Default `release`: timers alone do not keep the process alive. */
  readonly processLife?: ProcessLife;
  readonly environment?: { readonly [name: string]: string | undefined };
}

/** The real outside world, and the way to let go of it. */
export interface NodeRuntime {
  readonly runtime: Runtime;
  /** The log of the runtime, with what only Node's log can do. */
  readonly log: NodeLog;
  /** Ends calls under way, closes connections and writes the log out. */
  readonly close: () => Promise<void>;
}

/** The runtime on Node: system clock and chance, real network, environment and files, JSON log lines. */
export function createNodeRuntime(options: NodeRuntimeOptions = {}): NodeRuntime {
  const clock = createClock(options.processLife);
  const log = createLog(options.log);
  // Connections in use keep the process by themselves; the time limits of unused ones never should.
  const transport = createTransport({ clock: createClock('release'), log }, options.transport);
  const runtime: Runtime = {
    clock,
    random: createRandom(),
    crypto: createCrypto(),
    transport,
    secrets: createSecrets(options.environment),
    log,
  };
  return {
    runtime,
    log,
    close: async () => {
      await transport.close();
      await log.close();
    },
  };
}
