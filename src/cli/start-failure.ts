import type { ServerConfig } from '../config/config.ts';
import { CommandError } from './exit.ts';

/** Why a server could not listen, in words and with what to do; anything else is handed back as it is. */
export function describeStartFailure(
  error: unknown,
  { host, port }: Pick<ServerConfig, 'host' | 'port'>,
): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = typeof code === 'string' ? MESSAGES[code]?.(host, port) : undefined;
  return message === undefined ? error : new CommandError('unavailable', message, error);
}

const MESSAGES: { readonly [code: string]: ((host: string, port: number) => string) | undefined } = {
  EADDRINUSE: (host, port) =>
    `Port ${port} on ${host} is in use, perhaps by another Bellwether. Stop that program, or choose another port with ` +
    '--port NUMBER or BELLWETHER_PORT (0 takes a free one).',
  EACCES: (host, port) =>
    `This user may not listen on port ${port} of ${host}. Choose a port above 1023 with --port NUMBER or BELLWETHER_PORT.`,
  EADDRNOTAVAIL: (host) =>
    `This machine has no address ${host}. Use 127.0.0.1 for this machine alone or 0.0.0.0 for all of its networks.`,
  ENOTFOUND: (host) => `The host name ${host} leads to no address. Use 127.0.0.1 or 0.0.0.0.`,
};
