import { didYouMean } from '../../base/nearest.ts';
import { diceFrom } from '../../simulator/answer/dice.ts';
import { brownouts, BROWNOUTS_PER_MONTH } from './brownouts.ts';
import { ceilingOf, downTimes } from './ceiling.ts';
import { estimateGap } from './estimate.ts';
import type { IncidentFile, ReplayMode } from './incident.ts';
import { readIncidents } from './incidents.ts';
import type { Interval } from './intervals.ts';
import { parsePeriod } from './period.ts';
import { playSlots, WARM_UP_MS } from './play.ts';
import { referencesOf } from './reference.ts';
import type { ReplayReport } from './report.ts';
import { sampleSlots, slotsOf, STRATA, type SlotsByStratum, type Stratum } from './slots.ts';
import type { Tally } from './tally.ts';
import { idealAvailability, singleAvailability, timelineOf, type Timeline } from './timeline.ts';
import { ordinaryTrace, type TraceRow } from './trace.ts';
import { requestPool } from './workload.ts';
import type { OpenWorld, WorldOptions } from './world.ts';

/** What to replay. */
export interface ReplayOptions {
  /** Name of the file of incidents, for messages and for the months in it. */
  readonly file: string;
  /** Its text. */
  readonly text: string;
  /** Services to fail over between, the first preferred. Default all that the file names. */
  readonly providers?: readonly string[];
  /** Months or days, such as `2023-07..2024-02`. Default all that the file covers. */
  readonly period?: string;
  readonly mode: ReplayMode;
  /** Same seed, same replay. */
  readonly seed: number;
  /** How many requests are counted, about; from 1. Half as many are sent besides, to warm up. */
  readonly requests: number;
  /** Requests a minute. Default 30. */
  readonly requestsPerMinute?: number;
  /** Arrivals and token counts. Default an ordinary workload of its own. */
  readonly trace?: readonly TraceRow[];
  /** Unannounced brownouts of each service in 30 days. Default 9. */
  readonly brownoutsPerMonth?: number;
  /** How long a caller waits, in milliseconds. Default 120,000. */
  readonly deadlineMs?: number;
}

const REQUESTS_PER_MINUTE = 30;
const DEADLINE_MS = 120_000;

/**
 * Replays real incidents against the real gateway on virtual time, and reports what its callers would have seen. The world is
 * handed in: the composition wires it. Throws an `Error` that says what is wrong with the options or the file.
 */
export async function replayIncidentsIn(open: OpenWorld, options: ReplayOptions): Promise<ReplayReport> {
  const { file, mode, seed } = options;
  const read = readIncidents(file, options.text);
  const services = servicesOf(options, read);
  const period = periodOf(options, read);
  const perMonth = options.brownoutsPerMonth ?? BROWNOUTS_PER_MONTH;
  const hidden = brownouts(services, period, { seed, perMonth });
  const timeline = timelineOf({ incidents: [...read.incidents, ...hidden], services, period, mode, seed });
  const slots = slotsOf(timeline);
  const requestsPerSlot = options.requestsPerMinute ?? REQUESTS_PER_MINUTE;
  const sampled = sampleSlots(
    slots,
    Math.max(1, Math.round(options.requests / requestsPerSlot)),
    diceFrom(`${seed}/slots`),
  );
  const trace = options.trace ?? ordinaryTrace(seed);
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const world: WorldOptions = { services, startMs: period.startMs - 2 * WARM_UP_MS, seed, deadlineMs };
  const references = await referencesOf(requestPool(trace, options), open, world);
  const play = { timeline, slots, sampled, trace, references, requestsPerSlot, deadlineMs, seed };
  const tally = await playSlots({ ...play, world: await open(world) });
  const announced = ceilingOf(downTimes(read.incidents, services, period), services).availability;
  return {
    file,
    period,
    mode,
    seed,
    services,
    requestsPerMinute: requestsPerSlot,
    brownoutsPerMonth: perMonth,
    deadlineMs,
    announcedCeiling: announced,
    ...outcome(timeline, slots, tally),
  };
}

type Outcome = Omit<
  ReplayReport,
  | 'file'
  | 'period'
  | 'mode'
  | 'seed'
  | 'services'
  | 'requestsPerMinute'
  | 'brownoutsPerMonth'
  | 'deadlineMs'
  | 'announcedCeiling'
>;

function outcome(timeline: Timeline, slots: SlotsByStratum, tally: Tally): Outcome {
  const ceiling = idealAvailability(timeline);
  const { gap, unseenAtMost, strata } = estimateGap(tally.outcomes, slotCounts(slots));
  const atMostAll = (share: number): number => Math.min(1, share);
  return {
    ceiling,
    singles: timeline.services.map((service) => ({
      service,
      availability: singleAvailability(timeline, service),
    })),
    availability: {
      value: atMostAll(ceiling - gap.value),
      low: atMostAll(ceiling - gap.high),
      high: atMostAll(ceiling - gap.low),
    },
    gap,
    unseenAtMost,
    strata,
    requests: tally.requests,
    lost: tally.lost,
    losses: tally.losses,
    avoidable: tally.avoidable,
    resumed: tally.resumed,
    duplicates: tally.duplicates,
    gaps: tally.gaps,
    callsPerRequest: {
      outside: tally.callsPerRequest('outside'),
      inside: tally.callsPerRequest('inside'),
      down: tally.callsPerRequest('down'),
    },
    costRatio: tally.costRatio,
    addedMs: {
      p50: tally.addedMs(0.5),
      p99: tally.addedMs(0.99),
      insideP50: tally.addedMs(0.5, ['inside']),
      insideP99: tally.addedMs(0.99, ['inside']),
    },
  };
}

function slotCounts(slots: SlotsByStratum): { readonly [stratum in Stratum]: number } {
  const counts: { [stratum in Stratum]: number } = { edge: 0, down: 0, incident: 0, quiet: 0 };
  for (const stratum of STRATA) counts[stratum] = slots[stratum].length;
  return counts;
}

function servicesOf({ file, providers }: ReplayOptions, read: IncidentFile): readonly string[] {
  const services = providers ?? read.services;
  if (services.length === 0) throw new Error('providers: at least one is needed');
  for (const service of services) {
    if (!read.services.includes(service)) {
      throw new Error(
        `providers: ${file} knows no service "${service}"${didYouMean(service, read.services)}; it has ${read.services.join(', ')}`,
      );
    }
  }
  const doubled = services.find((service, index) => services.indexOf(service) !== index);
  if (doubled !== undefined) throw new Error(`providers: ${doubled} is named twice`);
  return services;
}

function periodOf({ file, period }: ReplayOptions, read: IncidentFile): Interval {
  if (period === undefined) return read.period;
  const wanted = parsePeriod(period);
  if (wanted.startMs < read.period.startMs || wanted.endMs > read.period.endMs)
    throw new Error(`period: ${file} does not cover all of ${period}`);
  return wanted;
}
