import type { Random } from '../../../src/spec/ports.ts';
import { pick } from '../workload.ts';
import type { CutHow, Fault } from './script.ts';

type Draw = (random: Random) => Fault;

const HOWS: readonly CutHow[] = ['truncated', 'reset', 'end', 'hang', 'error'];

// The classes of fault that a seed switches on or off, and how one of the class is drawn.
const DRAWS = {
  unreachable: (random) => ({ type: pick(random, ['refuse', 'reset']) }),
  silent: (random) => pick<Fault>(random, [{ type: 'hang' }, { type: 'late-head', ms: 2_500 }]),
  slow: (random) => ({ type: 'slow', ms: pick(random, [900, 3_500, 6_000]) }),
  broken: (random) =>
    status(pick(random, [500, 502, 503, 504, 529]), random.next() < 0.5 ? 'busy' : 'server'),
  limited: (random) => ({
    type: 'status',
    status: 429,
    refusal: 'limit',
    retryAfterMs: pick(random, [null, 1_000, 4_000, 30_000]),
    told: pick(random, ['retry-after', 'retry-after-ms', 'reset']),
  }),
  quota: () => status(429, 'quota'),
  key: () => status(401, 'key'),
  missing: () => status(404, 'missing'),
  cut: (random) => ({ type: 'cut', at: random.next(), by: 'event', how: pick(random, HOWS) }),
  // Whoever tells an error in a stream does so between two events.
  torn: (random) => ({ type: 'cut', at: random.next(), by: 'byte', how: pick(random, HOWS.slice(0, -1)) }),
  first: () => ({ type: 'error-first' }),
  empty: () => ({ type: 'empty' }),
  garbage: (random) => ({ type: pick(random, ['html', 'garbage']) }),
  duplicate: () => ({ type: 'duplicate' }),
  dribble: (random) => ({ type: 'dribble', ms: pick(random, [5, 80]) }),
  finish: (random) => ({ type: pick(random, ['no-finish', 'odd-finish']) }),
} as const satisfies { readonly [name: string]: Draw };

/** A kind of fault that a seed has or has not. */
export type FaultClass = keyof typeof DRAWS;

/** All of them. */
export const FAULT_CLASSES = Object.keys(DRAWS) as readonly FaultClass[];

/** Draws a fault of a class. */
export function drawFault(random: Random, of: FaultClass): Fault {
  return DRAWS[of](random);
}

function status(code: number, refusal: Extract<Fault, { type: 'status' }>['refusal']): Fault {
  return { type: 'status', status: code, refusal, retryAfterMs: null, told: 'retry-after' };
}
