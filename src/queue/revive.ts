import type { Clock } from '../spec/ports.ts';
import type { Job } from '../spec/queue.ts';
import type { QueueStore } from '../store/store.ts';
import { step } from './job.ts';

/** Lets a dead job begin anew; null where there is none of this id, false where it is not dead. */
export async function revive(
  { store, clock }: { readonly store: QueueStore; readonly clock: Pick<Clock, 'nowMs'> },
  jobId: string,
): Promise<Job | null | false> {
  const found = await store.get(jobId);
  if (found === null) return null;
  const { job } = found;
  if (job.state.status !== 'dead') return false;
  const progress = step(job, { type: 'revived', atMs: clock.nowMs() }, NO_RULES);
  if (!(await store.revive(job, progress))) return false;
  return { ...job, ...progress, fence: job.fence + 1 };
}

// A new life begins without looking back.
const NO_RULES = { attemptsMax: 1, retryBaseMs: 1, retryMaxMs: 1 };
