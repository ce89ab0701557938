import type { Estimate, StratumSample } from './estimate.ts';
import type { ReplayMode } from './incident.ts';
import type { Interval } from './intervals.ts';
import type { Loss } from './judge.ts';
import { periodText } from './period.ts';
import type { AvoidableLoss, Place } from './tally.ts';

/** What callers of a gateway would have seen in the time of real incidents. Shares are from 0 to 1. */
export interface ReplayReport {
  readonly file: string;
  readonly period: Interval;
  readonly mode: ReplayMode;
  readonly seed: number;
  /** In the order in which they were preferred. */
  readonly services: readonly string[];
  readonly requestsPerMinute: number;
  readonly brownoutsPerMonth: number;
  readonly deadlineMs: number;
  /** Share of requests that a router would serve that loses only what all services lose at once. */
  readonly ceiling: number;
  /** The same by announced incidents alone and as the conservative mode counts them. */
  readonly announcedCeiling: number;
  /** What each service alone would have served. */
  readonly singles: readonly { readonly service: string; readonly availability: number }[];
  /** Share of requests with a complete and correct answer within the deadline. */
  readonly availability: Estimate;
  /** How far that is below the ceiling; below 0 where requests outlasted a time in which all were down. */
  readonly gap: Estimate;
  /** What losses may hide where none was seen. */
  readonly unseenAtMost: number;
  readonly strata: readonly StratumSample[];
  /** Requests that were counted, and those of them that were not served, including what no router could. */
  readonly requests: number;
  readonly lost: number;
  readonly losses: { readonly [loss in Loss]: number };
  /** The first few of those that some service would have served. */
  readonly avoidable: readonly AvoidableLoss[];
  /** Answers that went on after a call had failed in the middle. */
  readonly resumed: number;
  /** Answers with words twice or foreign, and answers told as whole with words missing. */
  readonly duplicates: number;
  readonly gaps: number;
  /** Calls to providers for each request; null where none was sent in such a time. */
  readonly callsPerRequest: { readonly [place in Place]: number | null };
  /** Cost of all calls, relative to a world without faults in which the first service serves all. */
  readonly costRatio: number | null;
  /** What failing providers added to served requests, in milliseconds: all, and those sent while one was in trouble. */
  readonly addedMs: {
    readonly p50: number | null;
    readonly p99: number | null;
    readonly insideP50: number | null;
    readonly insideP99: number | null;
  };
}

/** A share as a percentage with so many digits that 99.99 and 99.999 can be told apart. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(4)} %`;
}

/** Points of a percentage: 0.002 of them are 0.00002 as a share. */
export function points(share: number): string {
  return (share * 100).toFixed(4);
}

/** The report for people. */
export function reportText(report: ReplayReport): string {
  const { availability, gap, callsPerRequest, addedMs, losses } = report;
  return [
    `Replay of ${report.file}, ${periodText(report.period)}, ${report.mode}, seed ${report.seed}`,
    `Providers: ${report.services.join(', ')}`,
    '',
    ...report.singles.map((each) => line(`${each.service} alone`, percent(each.availability))),
    line('ideal router (ceiling)', percent(report.ceiling)),
    line('  announced incidents only', percent(report.announcedCeiling)),
    line(
      'this gateway',
      `${percent(availability.value)} (${percent(availability.low)} to ${percent(availability.high)})`,
    ),
    line('gap to the ceiling', `${points(gap.value)} points (${points(gap.low)} to ${points(gap.high)})`),
    line('  unseen losses', `at most ${points(report.unseenAtMost)} points`),
    '',
    line('requests counted', `${report.requests} in ${minutes(report)} of ${allMinutes(report)} minutes`),
    line(
      'not served',
      `${report.lost} (${Object.entries(losses)
        .map(([loss, count]) => `${count} ${loss}`)
        .join(', ')})`,
    ),
    line('resumed in the middle', String(report.resumed)),
    line('duplicates, gaps in text', `${report.duplicates}, ${report.gaps}`),
    line(
      'calls per request',
      `${ratio(callsPerRequest.outside)} outside, ${ratio(callsPerRequest.inside)} inside incidents, ${ratio(callsPerRequest.down)} while all were down`,
    ),
    line('cost, x undisturbed', ratio(report.costRatio)),
    line(
      'added latency',
      `p50 ${ms(addedMs.p50)}, p99 ${ms(addedMs.p99)}; inside incidents p50 ${ms(addedMs.insideP50)}, p99 ${ms(addedMs.insideP99)}`,
    ),
  ].join('\n');
}

function line(name: string, value: string): string {
  return `${name.padEnd(26)} ${value}`;
}

function minutes({ strata }: ReplayReport): number {
  return strata.reduce((sum, { sampled }) => sum + sampled, 0);
}

function allMinutes({ strata }: ReplayReport): number {
  return strata.reduce((sum, { slots }) => sum + slots, 0);
}

function ratio(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(0)} ms`;
}
