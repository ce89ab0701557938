import { createHash } from 'node:crypto';
import { drawHistory } from './history/draw.ts';
import type { Invariant, Violation } from './history/history.ts';
import { runHistory } from './history/run.ts';

/** What came of many histories. */
export interface Tally {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly lifetimes: number;
  readonly recovered: number;
  readonly virtualMs: number;
  /** Violations by invariant, pending ones among them. */
  readonly counts: { readonly [id: string]: number };
  /** The first violation of each seed that has one, but for pending ones. */
  readonly failures: readonly Failure[];
  /** Of the traces of all seeds, in their order. */
  readonly trace: string;
}

/** A seed whose history violates something. */
export interface Failure {
  readonly seed: number;
  readonly violation: Violation;
}

/** Where a campaign begins and when it has seen enough. */
export interface CampaignOptions {
  readonly firstSeed: number;
  readonly invariants: readonly Invariant[];
  /** Told after each seed; true ends it. */
  readonly enough: (seeds: number, lifetimes: number, failures: readonly Failure[]) => boolean;
}

/** Lives through one seed after the other until it is enough. */
export async function campaign({ firstSeed, invariants, enough }: CampaignOptions): Promise<Tally> {
  const counts: { [id: string]: number } = {};
  const failures: Failure[] = [];
  const hash = createHash('sha256');
  let seeds = 0;
  let lifetimes = 0;
  let recovered = 0;
  let virtualMs = 0;
  do {
    const seed = firstSeed + seeds;
    const outcome = await runHistory(drawHistory(seed), { invariants });
    seeds += 1;
    lifetimes += outcome.lifetimes;
    recovered += outcome.recovered;
    virtualMs += outcome.virtualMs;
    hash.update(outcome.trace);
    for (const { id } of [...outcome.violations, ...outcome.pending]) counts[id] = (counts[id] ?? 0) + 1;
    const [violation] = outcome.violations;
    if (violation !== undefined) failures.push({ seed, violation });
  } while (!enough(seeds, lifetimes, failures));
  return { firstSeed, seeds, lifetimes, recovered, virtualMs, counts, failures, trace: hash.digest('hex') };
}

/** Several campaigns over neighbouring seeds as one, in the order given. */
export function together(tallies: readonly Tally[]): Tally {
  const counts: { [id: string]: number } = {};
  for (const tally of tallies)
    for (const [id, count] of Object.entries(tally.counts)) counts[id] = (counts[id] ?? 0) + count;
  const sum = (of: (tally: Tally) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    firstSeed: Math.min(...tallies.map(({ firstSeed }) => firstSeed)),
    seeds: sum(({ seeds }) => seeds),
    lifetimes: sum(({ lifetimes }) => lifetimes),
    recovered: sum(({ recovered }) => recovered),
    virtualMs: sum(({ virtualMs }) => virtualMs),
    counts,
    failures: tallies.flatMap(({ failures }) => failures),
    trace: createHash('sha256')
      .update(tallies.map(({ trace }) => trace).join())
      .digest('hex'),
  };
}

/** A tally in one line. */
export function inWords({
  firstSeed,
  seeds,
  lifetimes,
  recovered,
  virtualMs,
  failures,
  counts,
  trace,
}: Tally): string {
  const hours = (virtualMs / 3_600_000).toFixed(1);
  const pending = Object.entries(counts).map(([id, count]) => `${id} ${count} times`);
  return (
    `simulation: seeds ${firstSeed} to ${firstSeed + seeds - 1}, ${lifetimes} request lifetimes in ${hours} virtual hours, ` +
    `${recovered} answered only by failing over, ${failures.length} seeds with violations` +
    `${pending.length === 0 ? '' : ` (${pending.join(', ')})`}, trace ${trace.slice(0, 16)}`
  );
}
