import type { Delivery } from '../spec/queue.ts';
import { backoffMs, type Backoff } from './backoff.ts';

/** What bounds the tries to deliver. */
export interface DeliveryRules extends Backoff {
  /** After the end of the job. */
  readonly giveUpMs: number;
}

/** What came of a try: null where the receiver took it, otherwise why not. */
export interface DeliveryTry {
  readonly atMs: number;
  readonly finishedAtMs: number;
  /** Tries that were begun, this one included. */
  readonly attempts: number;
  readonly problem: string | null;
  /** Uniform in [0, 1). */
  readonly chance: number;
}

/** A delivery that nobody has under way. */
export type Tried = Exclude<Delivery, { readonly status: 'sending' }>;

/** What becomes of a delivery after a try. Pure. */
export function stepDelivery(made: DeliveryTry, rules: DeliveryRules): Tried {
  const { atMs, attempts, problem } = made;
  if (problem === null) return { status: 'delivered', attempts, atMs };
  const lastMs = made.finishedAtMs + rules.giveUpMs;
  if (atMs >= lastMs) return { status: 'undelivered', attempts, atMs, message: problem };
  // The last try is made when the time is over, however long the wait would be.
  const dueAtMs = Math.min(atMs + backoffMs(rules, attempts, made.chance), lastMs);
  return { status: 'waiting', attempts, dueAtMs };
}
