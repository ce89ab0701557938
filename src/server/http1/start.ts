import type { Server } from 'node:net';
import type { Clock } from '../../spec/ports.ts';
import type { BoundServer, HttpOptions } from '../bound-server.ts';
import { Http1Server, listenHttp1 } from './server.ts';

/** Starts our own server. */
export async function startHttp1({ config, router, log, clock }: HttpOptions): Promise<BoundServer> {
  const http1 = new Http1Server({ limits: config, router, clock });
  const server = await listenHttp1(http1, config);
  warnOfDrops(server, config.connectionsMax, { log, clock });
  // Without a listener, one connection that the kernel could not hand over would end the process.
  server.on('error', ({ message }) => log.error('a connection could not be taken', { cause: message }));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? config.port : address.port;
  return {
    port,
    retire: () => http1.retire(),
    close: (graceMs) => close(server, http1, clock, graceMs),
  };
}

/** Says that connections are turned away, but not for each of them. */
function warnOfDrops(
  server: Server,
  connectionsMax: number,
  { log, clock }: Pick<HttpOptions, 'log' | 'clock'>,
): void {
  let quietUntilMs = 0;
  server.on('drop', () => {
    if (clock.monotonicMs() < quietUntilMs) return;
    quietUntilMs = clock.monotonicMs() + DROPS_QUIET_MS;
    log.warn('connections are turned away: server.max_connections is reached', { connectionsMax });
  });
}

const DROPS_QUIET_MS = 10_000;

// oxlint-disable-next-line max-params -- the two halves of the server, and the time that closing may take
function close(server: Server, http1: Http1Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = clock.after(graceMs, () => http1.destroyAll());
    server.close(() => {
      cut.cancel();
      resolve();
    });
    http1.drain();
  });
}
