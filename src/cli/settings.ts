import { existsSync, statSync } from 'node:fs';
import { configFile, loadConfig, type ConfigSource, type LoadedConfig } from '../compose/load-config.ts';
import { ConfigError } from '../config/config-error.ts';
import { createSecrets } from '../node/secrets.ts';
import { CommandError } from './exit.ts';

/** Options of every command that works on a configuration. */
export interface SettingsOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port?: string;
  readonly data?: string;
}

/** A configuration as the command line and the environment leave it. */
export interface Settings extends LoadedConfig {
  /** Path of the file, null where there is none. */
  readonly path: string | null;
  /** Reads the file again, null where there is none. */
  readonly reread: (() => LoadedConfig) | null;
}

/** Names under which a configuration file is found in the working folder. */
export const DEFAULT_FILES = ['bellwether.yaml', 'bellwether.yml', 'bellwether.json'];

/** Reads the configuration: of the file named, of the environment's, of one in the working folder, or the presets. */
export async function readSettings(
  options: SettingsOptions,
  environment: Environment = process.env,
): Promise<Settings> {
  const path = configPath(options.config, environment);
  const source = await sourceAt(path);
  const read = (): LoadedConfig => {
    const loaded = loadConfig(source, createSecrets(environment));
    return { ...loaded, config: overridden(loaded.config, options, environment) };
  };
  const reread = (): LoadedConfig => {
    if (path !== null) refuseEmpty(path);
    return read();
  };
  return { ...read(), path, reread: path === null ? null : reread };
}

// An empty file is a configuration of defaults. In the place of one in force it is a file that is just being written.
function refuseEmpty(path: string): void {
  const empty = existsSync(path) && statSync(path).size === 0;
  if (empty) throw new ConfigError(path, [{ path: '', message: 'the file is empty', line: null }]);
}

/**
 * The same for commands that only want to know where the gateway listens and where its database is: the keys of providers
 * need not be in the environment of whoever types them.
 */
export async function locateGateway(
  options: SettingsOptions,
  environment: Environment = process.env,
): Promise<Location> {
  const path = configPath(options.config, environment);
  const { config } = loadConfig(await sourceAt(path), { resolve: () => 'not looked at' });
  const { server, store } = overridden(config, options, environment);
  return { server, store, path };
}

/** Where a gateway is found. */
export interface Location extends Pick<Settings['config'], 'server' | 'store'> {
  readonly path: string | null;
}

type Environment = { readonly [name: string]: string | undefined };

/** The configuration file to use; null where there is none. */
export function configPath(named: string | undefined, environment: Environment): string | null {
  const given = named ?? nonEmpty(environment['BELLWETHER_CONFIG']);
  return given ?? DEFAULT_FILES.find((file) => existsSync(file)) ?? null;
}

async function sourceAt(path: string | null): Promise<ConfigSource> {
  return path === null ? { type: 'environment' } : configFile(path);
}

function overridden(
  config: LoadedConfig['config'],
  options: SettingsOptions,
  environment: Environment,
): LoadedConfig['config'] {
  const host = options.host ?? nonEmpty(environment['BELLWETHER_HOST']);
  const port = options.port ?? nonEmpty(environment['BELLWETHER_PORT']);
  const data = options.data ?? nonEmpty(environment['BELLWETHER_DATA']);
  return {
    ...config,
    server: {
      ...config.server,
      host: host ?? config.server.host,
      port: port === undefined ? config.server.port : portNumber(port),
    },
    store: data === undefined ? config.store : { ...config.store, url: `sqlite:${data}/bellwether.db` },
  };
}

// A variable that is set to nothing is one that is not set: compose files and unit files leave such behind.
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** A port as people type it. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CommandError('usage', `The port must be a whole number from 0 to 65535, not "${text}".`);
}
