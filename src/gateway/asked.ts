import type { Admitted, RequestRun } from './request-run.ts';
import type { Asked } from './waits.ts';

/** What an attempt at a target may be granted time for, at this moment of its request. */
export function askedOf(run: RequestRun, admitted: Admitted, address: string): Asked {
  const { plan, stream } = admitted;
  return {
    stream,
    inputTokens: run.inputTokensEstimate(),
    minTokensPerSecond: plan.failover.minTokensPerSecond,
    leftMs: plan.deadlineAtMs - run.nowMs(),
    others: hasOthers(run, admitted, address),
  };
}

// Whether a target is left that was not asked yet.
function hasOthers(run: RequestRun, { plan }: Admitted, here: string): boolean {
  const { candidates } = plan;
  if (candidates.length === 1) return false;
  return candidates.some(
    ({ address }) => address !== here && !run.attempts.some(({ target }) => target === address),
  );
}
