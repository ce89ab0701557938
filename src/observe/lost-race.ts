import type { Attempt } from '../spec/attempt.ts';

/** Whether a call was cancelled because another one, beside it, was faster; it failed at nothing. */
export function lostRace({ outcome }: Attempt): boolean {
  return outcome.type === 'failed' && outcome.kind === 'hedge_lost';
}
