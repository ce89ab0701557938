import { fewest } from '../shrink.ts';
import type { DurableInvariant } from './facts.ts';
import { runDurable } from './run.ts';
import type { DurableScript, ScriptAsked, ScriptJob } from './script.ts';

/** Whether a script still shows what is looked for. */
export type DurableFails = (script: DurableScript) => Promise<boolean>;

/** Whether a script violates this; one that cannot be run does not. */
export function violates(id: string, invariants: readonly DurableInvariant[]): DurableFails {
  return async (script) => {
    try {
      return (await runDurable(script, invariants)).violations.some((violation) => violation.id === id);
    } catch {
      return false;
    }
  };
}

/** Makes a failing history small, as that of the gateway is made small. */
export async function shrinkDurable(script: DurableScript, fails: DurableFails): Promise<DurableScript> {
  let best = script;
  for (let before = ''; before !== JSON.stringify(best);) {
    before = JSON.stringify(best);
    best = await withFewer(best, fails);
    best = await withPlainer(best, fails);
  }
  return best;
}

async function withFewer(script: DurableScript, fails: DurableFails): Promise<DurableScript> {
  let best = script;
  best = { ...best, requests: await fewest(best.requests, (requests) => fails({ ...best, requests })) };
  best = { ...best, jobs: await fewest(best.jobs, (jobs) => fails({ ...best, jobs })) };
  best = { ...best, acts: await fewest(best.acts, (acts) => fails({ ...best, acts })) };
  const storeFaults = await fewest(best.storeFaults, (faults) => fails({ ...best, storeFaults: faults }));
  return { ...best, storeFaults };
}

const PLAIN_JOB: Partial<ScriptJob> = {
  orderKey: null,
  webhook: false,
  ttlMs: 86_400_000,
  cancelAfterMs: null,
  runs: [{ type: 'answers', afterMs: 100 }],
};
const PLAIN_REQUEST: Partial<ScriptAsked> = {
  body: 0,
  leavesAfterMs: null,
  background: false,
  serve: { type: 'answers', headMs: 1, pieces: 1, gapMs: 0 },
};

async function withPlainer(script: DurableScript, fails: DurableFails): Promise<DurableScript> {
  let best = script;
  const keep = async (next: DurableScript): Promise<void> => {
    if (JSON.stringify(next) !== JSON.stringify(best) && (await fails(next))) best = next;
  };
  await keep({ ...best, secondAtMs: null });
  await keep({ ...best, disk: { ...best.disk, latencyMs: 0 } });
  await keep({ ...best, disk: { ...best.disk, loses: 'tail' } });
  await keep({ ...best, hooks: { refuses: 0, unheard: 0 } });
  await keep({ ...best, storeFaults: best.storeFaults.map((fault) => ({ ...fault, share: 1 })) });
  for (const [name, value] of Object.entries(PLAIN_JOB))
    for (const index of best.jobs.keys())
      await keep({ ...best, jobs: replaced(best.jobs, index, { [name]: value }) });
  for (const [name, value] of Object.entries(PLAIN_REQUEST))
    for (const index of best.requests.keys())
      await keep({ ...best, requests: replaced(best.requests, index, { [name]: value }) });
  return best;
}

function replaced<Item>(list: readonly Item[], index: number, change: Partial<Item>): readonly Item[] {
  return list.map((item, each) => (each === index ? { ...item, ...change } : item));
}
