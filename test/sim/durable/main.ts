import { readFileSync } from 'node:fs';
import { durableCampaign, durableInWords, type DurableFailure } from './campaign.ts';
import { drawDurable, LIFETIMES } from './draw.ts';
import { runDurable } from './run.ts';
import type { DurableScript } from './script.ts';
import { shrinkDurable, violates } from './shrink.ts';
import { DURABLE_INVARIANTS } from './table.ts';

const FAILURES_TOLD = 10;

/** Lives through one history and tells all that happened, shrunk before where wanted. Whether everything held. */
export async function showOneDurable(
  from: { readonly seed: number } | { readonly file: string },
  { small, id }: { readonly small: boolean; readonly id: string | null },
  say: (line: string) => void,
): Promise<boolean> {
  const drawn: DurableScript =
    'seed' in from ? drawDurable(from.seed) : JSON.parse(readFileSync(from.file, 'utf8'));
  const wanted = id ?? (await runDurable(drawn, DURABLE_INVARIANTS)).violations[0]?.id;
  const shrinks = small && wanted !== undefined;
  const script = shrinks ? await shrinkDurable(drawn, violates(wanted, DURABLE_INVARIANTS)) : drawn;
  const { story, violations, trace } = await runDurable(script, DURABLE_INVARIANTS);
  for (const line of story) say(line);
  say(JSON.stringify(script));
  for (const violation of violations) say(`${violation.id} at ${violation.atMs} ms: ${violation.what}`);
  say(`trace ${trace.slice(0, 16)}`);
  return violations.length === 0;
}

/** Lives through as many histories as have this many jobs and requests. Whether everything held. */
export async function showManyDurable(
  firstSeed: number,
  lifetimes: number,
  say: (line: string) => void,
): Promise<boolean> {
  const seeds = Math.ceil(lifetimes / LIFETIMES);
  const tally = await durableCampaign({ firstSeed, seeds, invariants: DURABLE_INVARIANTS });
  for (const failure of tally.failures.slice(0, FAILURES_TOLD)) say(failureInWords(failure));
  say(durableInWords(tally));
  return tally.failures.length === 0;
}

function failureInWords({ seed, violations: [first] }: DurableFailure): string {
  const { id, atMs, what } = first ?? { id: '', atMs: 0, what: '' };
  return `seed ${seed} violates ${id} at ${atMs} ms: ${what}; see npm run sim -- --durable --seed ${seed} --shrink --invariant ${id}`;
}
