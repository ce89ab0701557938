import type { ErrorKind } from '../spec/error.ts';
import type { TransportFailure } from '../spec/wire.ts';

/** What a failure below HTTP means. What a provider says in HTTP is understood by its protocol's `decodeError`. */
export function classifyTransport(failure: TransportFailure): ErrorKind {
  return TRANSPORT_KINDS[failure.type];
}

const TRANSPORT_KINDS = {
  dns: 'upstream_unavailable',
  connect: 'upstream_unavailable',
  'connect-timeout': 'upstream_timeout',
  tls: 'upstream_unavailable',
  'head-timeout': 'upstream_timeout',
  reset: 'upstream_unavailable',
  truncated: 'upstream_broken_off',
  malformed: 'upstream_garbled',
  'too-large': 'upstream_garbled',
  'blocked-address': 'upstream_misconfigured',
} as const satisfies Record<TransportFailure['type'], ErrorKind>;
