import type { Caller } from '../../spec/identity.ts';
import type { Log } from '../../spec/ports.ts';
import type { Headers } from '../../spec/wire.ts';
import type { KeyDirectoryView } from '../../store/store.ts';
import type { FailureLimiter } from './failure-limiter.ts';
import { Problem } from './problem.ts';
import { ROLE_PERMISSIONS, type Permission } from './route.ts';

export interface Credentials {
  readonly headers: Headers;
  readonly address: string;
}

interface AuthenticationPorts {
  readonly directory: KeyDirectoryView;
  readonly log: Log;
}

/** Tells who brings a valid key; everybody else gets a `Problem`, and not without end. */
export function authenticate(
  { headers, address }: Credentials,
  { directory, log }: AuthenticationPorts,
  limiter: FailureLimiter,
): Caller {
  refuseWhileLimited(limiter.waitMs(address));
  const presented = presentedKey(headers);
  const identified = directory.identify(presented);
  if (identified.type === 'refused') {
    // A page that is opened without a key is no attempt to guess one.
    if (identified.reason !== 'missing') {
      limiter.failed(address);
      // The limit on failures keeps these lines few.
      log.warn('A wrong key was brought to the admin API.', { address, reason: identified.reason });
    }
    throw new Problem('unauthenticated', identified.message, { headers: CHALLENGE });
  }
  limiter.succeeded(address);
  return identified.caller;
}

/** Lets pass a caller whose role has the permission. */
export function authorise(caller: Caller, permission: Permission): void {
  if (!ROLE_PERMISSIONS[caller.role].has(permission)) {
    throw new Problem(
      'forbidden',
      `This key has the role "${caller.role}" and lacks the permission "${permission}". Use an admin key (bw_admin_...).`,
    );
  }
}

const CHALLENGE: Headers = [['www-authenticate', 'Bearer realm="bellwether admin"']];

function refuseWhileLimited(waitMs: number): void {
  if (waitMs <= 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  throw new Problem(
    'too_many_failures',
    `Too many wrong keys came from this address. Try again in ${seconds} seconds.`,
    { headers: [['retry-after', String(seconds)]] },
  );
}

// Two different keys in one request are a mistake or an attack on something in between; neither is guessed at.
function presentedKey(headers: Headers): string | undefined {
  const keys = headers.flatMap(([name, value]) => {
    if (name === 'x-api-key') return [value.trim()];
    return name === 'authorization' ? [value.replace(/^bearer\s+/i, '').trim()] : [];
  });
  const [first, ...others] = keys;
  if (others.some((other) => other !== first)) {
    throw new Problem('invalid', 'The request brings more than one key. Send exactly one.');
  }
  return first;
}
