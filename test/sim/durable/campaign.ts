import { createHash } from 'node:crypto';
import type { Violation } from '../history/history.ts';
import { drawDurable } from './draw.ts';
import type { DurableInvariant } from './facts.ts';
import { runDurable } from './run.ts';

/** What came of many histories of queue and kept answers. */
export interface DurableTally {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly lifetimes: number;
  readonly accepted: number;
  readonly crashes: number;
  readonly drains: number;
  readonly virtualMs: number;
  /** Seeds that violate something. */
  readonly failures: readonly DurableFailure[];
  /** Of the traces of all seeds, in their order. */
  readonly trace: string;
}

/** A seed whose history violates something. */
export interface DurableFailure {
  readonly seed: number;
  /** In the order in which they were found; at least one. */
  readonly violations: readonly Violation[];
}

export interface DurableCampaign {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly invariants: readonly DurableInvariant[];
  /** Whether the first failure ends it. Default false. */
  readonly stopAtFailure?: boolean;
}

/** Lives through one seed after the other. */
export async function durableCampaign(campaign: DurableCampaign): Promise<DurableTally> {
  const { firstSeed, invariants, stopAtFailure = false } = campaign;
  const failures: DurableFailure[] = [];
  const hash = createHash('sha256');
  const sums = { seeds: 0, lifetimes: 0, accepted: 0, crashes: 0, drains: 0, virtualMs: 0 };
  while (sums.seeds < campaign.seeds && !(stopAtFailure && failures.length > 0)) {
    const seed = firstSeed + sums.seeds;
    const outcome = await runDurable(drawDurable(seed), invariants);
    sums.seeds += 1;
    sums.lifetimes += outcome.lifetimes;
    sums.accepted += outcome.accepted;
    sums.crashes += outcome.crashes;
    sums.drains += outcome.drains;
    sums.virtualMs += outcome.virtualMs;
    hash.update(outcome.trace);
    const { violations } = outcome;
    if (violations.length > 0) failures.push({ seed, violations });
  }
  return { firstSeed, ...sums, failures, trace: hash.digest('hex') };
}

/** A tally in one line. */
export function durableInWords(tally: DurableTally): string {
  const { firstSeed, seeds, lifetimes, accepted, crashes, drains, virtualMs, failures, trace } = tally;
  return (
    `durable: seeds ${firstSeed} to ${firstSeed + seeds - 1}, ${lifetimes} lifetimes in ` +
    `${(virtualMs / 3_600_000).toFixed(1)} virtual hours, ${accepted} jobs acknowledged, ${crashes} crashes, ` +
    `${drains} drains, ${failures.length} seeds with violations, trace ${trace.slice(0, 16)}`
  );
}
