import type { FailoverConfig } from '../config/config.ts';
import type { GatewayEvent } from '../spec/event.ts';
import type { Clock, Random } from '../spec/ports.ts';
import type { RetryBudget } from './retry-budget.ts';

/** What the records of all targets share. Only a reload of the configuration changes `config`. */
export interface HealthContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly publish: (event: GatewayEvent) => void;
  /** The retry budget of all targets together. */
  readonly budget: RetryBudget;
  config: FailoverConfig;
}

/** A moment of the monotonic clock, on which all memory here is kept, as one of the wall clock; never earlier. */
export function wallMs(clock: Clock, monotonicMs: number): number {
  return Math.ceil(clock.nowMs() + (monotonicMs - clock.monotonicMs()));
}
