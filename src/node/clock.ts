import type { Clock, Timer } from '../spec/ports.ts';
import { TimerWheel } from './timer-wheel.ts';

/**
 * How the clock's timers relate to the life of the process. `release`: the process ends when only timers are left, as a
 * server wants that is kept alive by its socket. `hold`: a wait keeps the process, as a script wants that awaits a call.
 */
export type ProcessLife = 'release' | 'hold';

/** The system's clock; waits of a second and more share one coarse timer (16 ms), shorter ones are precise. */
export function createClock(processLife: ProcessLife = 'release'): Clock {
  const wake = (ms: number, callback: () => void): (() => void) => {
    const timeout = setTimeout(callback, ms);
    if (processLife === 'release') timeout.unref();
    return () => {
      clearTimeout(timeout);
    };
  };
  const monotonicMs = (): number => performance.now();
  const wheel = new TimerWheel(monotonicMs, wake);
  return {
    nowMs: () => Date.now(),
    monotonicMs,
    after: (ms, callback) => (ms < WHEEL_FROM_MS ? precise(ms, callback, wake) : wheel.after(ms, callback)),
  };
}

const WHEEL_FROM_MS = 1000;

type Wake = (ms: number, callback: () => void) => () => void;

/** Node's timer may fire up to a millisecond early by the monotonic clock; the port promises "at least this long". */
function precise(ms: number, callback: () => void, wake: Wake): Timer {
  return { cancel: wake(Math.ceil(Math.max(0, ms)) + 1, callback) };
}
