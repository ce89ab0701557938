import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { guardedLookup, type Resolve } from './resolve.ts';
import type { Target } from './target.ts';

/** What opening a connection needs besides its target. */
export interface SocketOptions {
  readonly resolve: Resolve;
  /** Further certificate authorities in PEM; NODE_EXTRA_CA_CERTS works without it. */
  readonly ca: string | undefined;
  /** TLS session of an earlier connection to the same origin, which saves half of the handshake. */
  readonly session: Buffer | undefined;
  /** One buffer for all connections: what is read is turned into text before the next read. */
  readonly buffer: Uint8Array;
  /** Takes what was read; false stops reading. */
  readonly onRead: (sizeBytes: number) => boolean;
}

/** Starts a connection, encrypted or not. */
export function openSocket(target: Target, options: SocketOptions): Socket {
  const common = {
    host: target.host,
    port: target.port,
    lookup: guardedLookup(options.resolve, target.allowPrivate),
    noDelay: true,
    // Answers may be silent for minutes; the kernel notices a peer that is gone.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    onread: { buffer: options.buffer, callback: options.onRead },
  };
  if (!target.secure) return connectTcp(common);
  // Loaded with the first encrypted connection: 7 MB and 15 ms that a start need not wait for.
  return process.getBuiltinModule('node:tls').connect({
    ...common,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED=0 cannot take it away.
    rejectUnauthorized: true,
    ...(isIP(target.host) === 0 && { servername: target.host.replace(/\.$/, '') }),
    ...(options.ca !== undefined && { ca: options.ca }),
    ...(options.session !== undefined && { session: options.session }),
  });
}
