import type { TransportFailure } from '../../spec/wire.ts';

/** A refusal found while a request is prepared or an answer is read. */
export interface Refusal {
  readonly type: TransportFailure['type'];
  readonly message: string;
}

/** How far a connection has come, which decides what a socket error means. */
export type ConnectionPhase = 'connecting' | 'handshake' | 'ready';

/** Code of the error by which the address guard refuses a connection. */
export const BLOCKED_ADDRESS = 'ERR_BLOCKED_ADDRESS';

/** Code of the error by which name resolution fails. */
export const DNS_FAILED = 'ERR_DNS_FAILED';

/** Names what a socket error means in the given phase. Node's own message may be long and changes; its code does not. */
export function classifySocketError(error: Error | null, phase: ConnectionPhase, host: string): Refusal {
  const code = errorCode(error);
  const because = code === '' ? '' : ` (${code})`;
  if (code === BLOCKED_ADDRESS) {
    return { type: 'blocked-address', message: `${host} is at an address that may not be connected to.` };
  }
  if (phase === 'connecting') {
    if (code === DNS_FAILED) return { type: 'dns', message: `The name ${host} could not be resolved.` };
    return { type: 'connect', message: `No connection to ${host} could be made${because}.` };
  }
  if (phase === 'handshake')
    return { type: 'tls', message: `The TLS handshake with ${host} failed${because}.` };
  return { type: 'reset', message: `${host} closed the connection${because}.` };
}

function errorCode(error: Error | null): string {
  return error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
