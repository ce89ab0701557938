import { existsSync } from 'node:fs';
import { loadConfig, type ConfigSource, type LoadedConfig } from '../compose/load-config.ts';
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
  readonly source: ConfigSource;
  /** Path of the file, null where there is none. */
  readonly path: string | null;
}

/** Names under which a configuration file is found in the working folder. */
export const DEFAULT_FILES = ['bellwether.yaml', 'bellwether.yml', 'bellwether.json'];

/** Reads the configuration: of the file named, of the environment's, of one in the working folder, or the presets. */
export function readSettings(options: SettingsOptions, environment: Environment = process.env): Settings {
  const path = configPath(options.config, environment);
  const source: ConfigSource = path === null ? { type: 'environment' } : { type: 'file', path };
  const loaded = loadConfig(source, createSecrets(environment));
  return { ...loaded, config: overridden(loaded.config, options, environment), source, path };
}

/**
 * The same for commands that only want to know where the gateway listens and where its database is: the keys of providers
 * need not be in the environment of whoever types them.
 */
export function locateGateway(options: SettingsOptions, environment: Environment = process.env): Location {
  const path = configPath(options.config, environment);
  const source: ConfigSource = path === null ? { type: 'environment' } : { type: 'file', path };
  const { config } = loadConfig(source, { resolve: () => 'not looked at' });
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
