import type { Command } from 'commander';
import { loadConfig, type ConfigSource, type LoadedConfig } from '../../compose/load-config.ts';
import { startInstance, type Instance } from '../../compose/instance.ts';
import { createSecrets } from '../../node/secrets.ts';
import { listenForSignals } from '../../node/signals.ts';
import { configPath } from '../config-path.ts';
import { reportFailure } from '../failure.ts';
import { firstKeys } from '../first-keys.ts';
import { startScreen } from '../start-screen.ts';

/** How long requests under way may take to finish after the signal to stop. */
const GRACE_MS = 300_000;

interface ServeOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port?: string;
  readonly data?: string;
}

/** `bellwether serve`: starts the gateway and its HTTP server. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('start the gateway')
    .option('-c, --config <file>', 'configuration file (default: bellwether.yaml where there is one)')
    .option('--host <address>', 'address to listen on')
    .option('-p, --port <number>', 'port to listen on')
    .option('--data <folder>', 'folder of the database (default: data)')
    .action(async (options: ServeOptions) => {
      try {
        await serve(options);
      } catch (error) {
        reportFailure(error);
      }
    });
}

async function serve(options: ServeOptions): Promise<void> {
  const source = sourceOf(options);
  const loaded = withOverrides(loadConfig(source, createSecrets()), options);
  const instance = await startInstance({ loaded });
  const keys = await firstKeys(instance.keys, process.env);
  process.stdout.write(startScreen({ instance, loaded, source, keys }));
  stopOnSignals(instance);
}

function sourceOf(options: ServeOptions): ConfigSource {
  const path = configPath(options.config);
  return path === null ? { type: 'environment' } : { type: 'file', path };
}

function withOverrides(loaded: LoadedConfig, options: ServeOptions): LoadedConfig {
  const { config } = loaded;
  const port = options.port ?? process.env['BELLWETHER_PORT'];
  const data = options.data ?? process.env['BELLWETHER_DATA'];
  return {
    ...loaded,
    config: {
      ...config,
      server: {
        ...config.server,
        host: options.host ?? config.server.host,
        port: port === undefined ? config.server.port : portNumber(port),
      },
      store: data === undefined ? config.store : { ...config.store, url: `sqlite:${data}/bellwether.db` },
    },
  };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`The port must be a whole number from 0 to 65535, not "${text}".`);
  }
  return port;
}

function stopOnSignals(instance: Instance): void {
  listenForSignals({
    onStop: (signal) => {
      instance.runtime.log.info('stopping: requests under way may finish, no new ones are taken', { signal });
      void instance.close(GRACE_MS).then(() => process.exit(0));
    },
    onForcedStop: () => process.exit(1),
    onReload: () => instance.runtime.log.warn('a reload needs a configuration file', {}),
  });
}
