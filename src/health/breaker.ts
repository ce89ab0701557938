import type { BreakerConfig } from '../config/config.ts';
import { unreachable } from '../base/assert.ts';
import { counted, EMPTY_WINDOW, type FailureWindow } from './failure-window.ts';

/**
 * The circuit breaker of one target under one key: a tagged union and one pure reducer, `stepped`. All times are of the
 * monotonic clock, in milliseconds.
 *
 * Defaults (config/sections/failover.ts) and where they are from: 5 consecutive failures (Envoy's outlier ejection, Finagle's
 * failure accrual), or 20 % failures of at least 20 calls in 30 s (Finagle: success rate under 80 % over 30 s); open for 5 s
 * doubling to 120 s (Finagle: 5 s growing to 300 s); one probe at a time (Finagle, Linkerd), 3 successes (HAProxy asks for 2);
 * a share that grows from 10 % to all in 30 s (Envoy's slow start, whose smallest weight is 10 %).
 */
export type Circuit = ClosedCircuit | OpenCircuit | HalfOpenCircuit | RecoveringCircuit;

interface AnyCircuit {
  /**
   * Counts the openings, half-openings and recoveries. A call remembers the number that it began under; where another stands
   * when it ends, what it came to is old news: fifty calls that were under way when the circuit opened are one trip, and what
   * failed before a recovery does not count against it.
   */
  readonly epoch: number;
  /** Openings in short succession, which make the next one longer. */
  readonly trips: number;
  /** Why it came into this state, in a few words. */
  readonly reason: string;
}

/** Counts failures: calls go there. */
interface CountingCircuit extends AnyCircuit {
  /** When it last stopped being open. */
  readonly sinceMs: number;
  readonly consecutive: number;
  readonly window: FailureWindow;
}

/** Calls go there. */
export interface ClosedCircuit extends CountingCircuit {
  readonly type: 'closed';
}

/** Left alone until then; the first call after that is the probe. */
export interface OpenCircuit extends AnyCircuit {
  readonly type: 'open';
  readonly untilMs: number;
  /** From when a call may find out already, where enough others have passed by since. */
  readonly earliestMs: number;
}

/** One call at a time finds out whether it is well again. */
export interface HalfOpenCircuit extends AnyCircuit {
  readonly type: 'half-open';
  /** Whether a call that finds out is under way. */
  readonly probing: boolean;
  /** Probes that succeeded, in a row. */
  readonly successes: number;
}

/** Well again: a growing share of the calls goes there. */
export interface RecoveringCircuit extends CountingCircuit {
  readonly type: 'recovering';
}

/**
 * What a call is to the circuit: `ordinary`, the `probe` that holds the slot of a half-open one, or a probe that `spoke`: its
 * first content was a success and gave the slot free, though it may break off yet.
 */
export type CallRole = 'ordinary' | 'probe' | 'spoke';

/** What a call tells at its end; `epoch` is the circuit's behind the event `begun` of the call. */
interface CallEvent {
  readonly epoch: number;
  readonly role: CallRole;
}

/** What happens to a circuit. */
export type CircuitEvent =
  | { readonly type: 'begun'; readonly atMs: number; readonly passedBy: number }
  /** Told at the end of a call, and of a probe at its first content: it need not be over to tell that the target speaks. */
  | ({ readonly type: 'succeeded'; readonly atMs: number } & CallEvent)
  /** A failure that hurts; others are `released`. */
  | ({ readonly type: 'failed' } & Blow & CallEvent)
  /** A call ended without telling anything: given up by our side, the caller's error, a rate limit. */
  | ({ readonly type: 'released' } & CallEvent)
  /** The health monitor found it well. */
  | { readonly type: 'check-passed'; readonly atMs: number }
  /** The health monitor takes it for down. */
  | { readonly type: 'condemned'; readonly atMs: number; readonly chance: number };

/** The circuit of a target without history. */
export const CLOSED: ClosedCircuit = {
  type: 'closed',
  epoch: 0,
  trips: 0,
  reason: 'no failures',
  sinceMs: 0,
  consecutive: 0,
  window: EMPTY_WINDOW,
};

/** Smallest share of calls while it recovers (Envoy's slow start: `min_weight_percent` 10). */
export const RAMP_START = 0.1;
/** An open time is shortened by up to this part, so that targets that failed together are not tried together. */
const OPEN_JITTER = 0.2;
/**
 * A target that fails at once is tried again at least this often, where it is asked for often: the probe costs its caller one
 * fast error, and a target that is well again is noticed within half a minute. One that lets its callers wait, or that hardly
 * anybody asks for, is left alone for up to `open_max_ms`.
 */
const FAST_OPEN_MAX_MS = 30_000;
/** So many requests must have passed by for each early probe, so that probes stay a small part of the calls. */
const PASSED_BY_MIN = 20;

/** The state after the event; the same object where the event changed nothing. */
export function stepped(circuit: Circuit, event: CircuitEvent, config: BreakerConfig): Circuit {
  switch (event.type) {
    case 'begun':
      return afterBegin(settled(circuit, event.atMs, config), event.atMs, event.passedBy);
    case 'succeeded':
      return afterSuccess(settled(circuit, event.atMs, config), event, config);
    case 'failed':
      return afterFailure(settled(circuit, event.atMs, config), event, config);
    case 'released':
      return afterRelease(circuit, event);
    case 'check-passed':
      return isShut(circuit)
        ? recovering(circuit, event.atMs, 'a health check passed')
        : countedSuccess(settled(circuit, event.atMs, config), event.atMs, config);
    case 'condemned':
      return isShut(circuit) ? circuit : tripped(circuit, event, config, 'health checks failed in a row');
    default:
      return unreachable(event);
  }
}

/** The state at this moment: a ramp that is over is a closed circuit. An open one stays open until a call tries it. */
export function settled(circuit: Circuit, atMs: number, config: BreakerConfig): Circuit {
  if (circuit.type !== 'recovering' || atMs - circuit.sinceMs < config.rampMs) return circuit;
  return { ...circuit, type: 'closed', reason: 'the ramp is over' };
}

/** Whether it keeps calls away, but for probes. */
export function isShut(circuit: Circuit): circuit is OpenCircuit | HalfOpenCircuit {
  return circuit.type === 'open' || circuit.type === 'half-open';
}

/** Whether the next call would be the probe; `passedBy` counts the requests that went elsewhere since it opened. */
export function wantsProbe(circuit: Circuit, atMs: number, passedBy: number): boolean {
  if (circuit.type === 'open')
    return atMs >= (passedBy < PASSED_BY_MIN ? circuit.untilMs : circuit.earliestMs);
  return circuit.type === 'half-open' && !circuit.probing;
}

/** Part of the calls that may go there, from 0 to 1; grows along a straight line while it recovers. */
export function shareOf(circuit: Circuit, atMs: number, config: BreakerConfig): number {
  if (circuit.type === 'closed') return 1;
  if (circuit.type !== 'recovering') return 0;
  const passed = (atMs - circuit.sinceMs) / config.rampMs;
  return passed >= 1 ? 1 : RAMP_START + (1 - RAMP_START) * Math.max(0, passed);
}

function afterBegin(circuit: Circuit, atMs: number, passedBy: number): Circuit {
  if (!wantsProbe(circuit, atMs, passedBy)) return circuit;
  if (circuit.type === 'half-open') return { ...circuit, probing: true };
  return {
    type: 'half-open',
    epoch: circuit.epoch + 1,
    trips: circuit.trips,
    reason: 'the open time is over',
    probing: true,
    successes: 0,
  };
}

function afterRelease(circuit: Circuit, { epoch, role }: CallEvent): Circuit {
  return circuit.type === 'half-open' && role === 'probe' && epoch === circuit.epoch
    ? { ...circuit, probing: false }
    : circuit;
}

function afterSuccess(
  circuit: Circuit,
  event: CallEvent & { readonly atMs: number },
  config: BreakerConfig,
): Circuit {
  if (event.epoch !== circuit.epoch) return circuit;
  switch (circuit.type) {
    case 'open':
      // A call that was made all the same, for want of anything better: the open time stands, or the state would flap.
      return circuit;
    case 'half-open': {
      if (event.role !== 'probe') return circuit;
      const successes = circuit.successes + 1;
      return successes < config.closeAfterSuccesses
        ? { ...circuit, probing: false, successes }
        : recovering(circuit, event.atMs, `${successes} ${successes === 1 ? 'probe' : 'probes'} succeeded`);
    }
    case 'closed':
    case 'recovering':
      return countedSuccess(circuit, event.atMs, config);
    default:
      return unreachable(circuit);
  }
}

function countedSuccess(circuit: Circuit, atMs: number, config: BreakerConfig): Circuit {
  if (isShut(circuit)) return circuit;
  return { ...circuit, consecutive: 0, window: counted(circuit.window, atMs, config.windowMs, false) };
}

function afterFailure(circuit: Circuit, event: CallEvent & Blow, config: BreakerConfig): Circuit {
  const { epoch, role } = event;
  switch (circuit.type) {
    case 'open':
      return circuit;
    case 'half-open':
      if (role === 'ordinary' || epoch !== circuit.epoch) return circuit;
      // While another one is in the slot, that one decides: two probes must not be under way because one came to nothing.
      return role === 'spoke' && circuit.probing
        ? { ...circuit, successes: 0 }
        : opened(circuit, event, config, { trips: circuit.trips + 1, reason: 'a probe failed' });
    case 'closed':
    case 'recovering': {
      // A probe whose first content closed the circuit, and which broke off afterwards, counts as any call.
      const recent = epoch === circuit.epoch || (role !== 'ordinary' && epoch === circuit.epoch - 1);
      return recent ? countedFailure(circuit, event, config) : circuit;
    }
    default:
      return unreachable(circuit);
  }
}

/** What may open a circuit: when, and a chance for its jitter. */
interface Blow {
  readonly atMs: number;
  /** Uniform in [0, 1); draws the jitter. */
  readonly chance: number;
  /** Whether the failure came at once, so that finding out again costs nobody any time. Missing: it did not. */
  readonly fast?: boolean;
}

type Counting = ClosedCircuit | RecoveringCircuit;

function countedFailure(circuit: Counting, blow: Blow, config: BreakerConfig): Circuit {
  const consecutive = circuit.consecutive + 1;
  const window = counted(circuit.window, blow.atMs, config.windowMs, true);
  const { requests, failures } = window;
  if (consecutive >= config.consecutiveFailures)
    return tripped(
      circuit,
      blow,
      config,
      `${consecutive} ${consecutive === 1 ? 'failure' : 'failures in a row'}`,
    );
  if (requests >= config.minRequests && failures >= config.failureShare * requests)
    return tripped(circuit, blow, config, `${failures} of ${requests} calls failed`);
  return { ...circuit, consecutive, window };
}

function tripped(circuit: Counting, blow: Blow, config: BreakerConfig, reason: string): OpenCircuit {
  // What stayed closed for as long as it could be open at most has earned a fresh start.
  const trips = blow.atMs - circuit.sinceMs >= config.openMaxMs ? 1 : circuit.trips + 1;
  return opened(circuit, blow, config, { trips, reason });
}

function opened(
  circuit: Circuit,
  blow: Blow,
  config: BreakerConfig,
  why: { readonly trips: number; readonly reason: string },
): OpenCircuit {
  const longestMs = Math.min(config.openMaxMs, config.openMs * 2 ** (why.trips - 1));
  const openMs = longestMs * (1 - OPEN_JITTER * blow.chance);
  return {
    type: 'open',
    epoch: circuit.epoch + 1,
    trips: why.trips,
    reason: why.reason,
    untilMs: blow.atMs + openMs,
    earliestMs: blow.atMs + (blow.fast === true ? Math.min(FAST_OPEN_MAX_MS, openMs) : openMs),
  };
}

function recovering(circuit: Circuit, atMs: number, reason: string): RecoveringCircuit {
  return {
    type: 'recovering',
    epoch: circuit.epoch + 1,
    trips: circuit.trips,
    reason,
    sinceMs: atMs,
    consecutive: 0,
    window: EMPTY_WINDOW,
  };
}
