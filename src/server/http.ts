import type { ServerConfig } from '../config/config.ts';
import type { BoundServer, HttpOptions } from './bound-server.ts';

/** A server that listens. */
export interface ListeningServer extends BoundServer {
  readonly url: string;
  readonly host: string;
}

/** Starts serving HTTP: by our own server, or by node:http where the configuration says so. */
export async function startHttp(options: HttpOptions): Promise<ListeningServer> {
  const { config } = options;
  const bound = await STARTERS[config.http](options);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const shown = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : host;
  return {
    url: `http://${shown}:${bound.port}`,
    host: config.host,
    port: bound.port,
    retire: () => bound.retire(),
    close: (graceMs) => bound.close(graceMs),
  };
}

// Loaded only where it is wanted: node:http alone costs some milliseconds and megabytes.
const STARTERS: Readonly<Record<ServerConfig['http'], (options: HttpOptions) => Promise<BoundServer>>> = {
  fast: async (options) => (await import('./http1/start.ts')).startHttp1(options),
  node: async (options) => (await import('./http-node.ts')).startNodeHttp(options),
};
