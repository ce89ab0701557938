import type { Fault } from '../../simulator/faults/fault.ts';
import { faultOfIncident } from './incident-fault.ts';
import { counts, failingShare, type Incident, type ReplayMode } from './incident.ts';
import type { Interval } from './intervals.ts';

/** What is the matter with a service during one stretch of time. */
export interface Condition {
  readonly fault: Fault;
  /** Share of its requests that fail, 0 to 1; 0 where it is only slow. */
  readonly failing: number;
}

/** A stretch of time in which nothing changes at any service. */
export interface Stretch extends Interval {
  /** By the position of the service in the timeline; null where it is well. */
  readonly conditions: readonly (Condition | null)[];
}

/** What happens to a set of services over a period: stretches without gaps. */
export interface Timeline {
  readonly services: readonly string[];
  readonly period: Interval;
  readonly stretches: readonly Stretch[];
}

export interface TimelineOptions {
  readonly incidents: readonly Incident[];
  readonly services: readonly string[];
  readonly period: Interval;
  readonly mode: ReplayMode;
  readonly seed: number;
}

/**
 * Lays the incidents of a set of services over a period. Where several of one service overlap, the one that fails the
 * larger share of requests counts, and among equals the one that began first.
 */
export function timelineOf({ incidents, services, period, mode, seed }: TimelineOptions): Timeline {
  const perService = services.map((service) =>
    incidents
      .filter((each) => each.service === service && counts(each, mode) && overlaps(each, period))
      .map((incident) => ({
        incident,
        condition: { fault: faultOfIncident(incident, mode, seed), failing: failingShare(incident, mode) },
      }))
      .toSorted(
        (a, b) => b.condition.failing - a.condition.failing || a.incident.startMs - b.incident.startMs,
      ),
  );
  const cuts = new Set([period.startMs, period.endMs]);
  for (const { incident } of perService.flat()) {
    for (const ms of [incident.startMs, incident.endMs])
      if (ms > period.startMs && ms < period.endMs) cuts.add(ms);
  }
  const times = [...cuts].toSorted((a, b) => a - b);
  const stretches = times.slice(0, -1).map((startMs, index) => ({
    startMs,
    endMs: times[index + 1] ?? period.endMs,
    conditions: perService.map(
      (own) =>
        own.find(({ incident }) => incident.startMs <= startMs && incident.endMs > startMs)?.condition ??
        null,
    ),
  }));
  return { services, period, stretches };
}

function overlaps(a: Interval, b: Interval): boolean {
  return a.startMs < b.endMs && a.endMs > b.startMs;
}

/** Chance that a request sent in this stretch is served by a router that tries every service once, 0 to 1. */
export function idealOf({ conditions }: Pick<Stretch, 'conditions'>): number {
  return 1 - conditions.reduce((product, condition) => product * (condition?.failing ?? 0), 1);
}

/** The share of requests that such a router serves over the whole period: the ceiling of the set in this mode. */
export function idealAvailability({ stretches }: Timeline): number {
  return meanOverTime(stretches, idealOf);
}

/** The share of requests that one service alone serves over the period, each asked once. */
export function singleAvailability({ services, stretches }: Timeline, service: string): number {
  const index = services.indexOf(service);
  return meanOverTime(stretches, ({ conditions }) => 1 - (conditions[index]?.failing ?? 0));
}

function meanOverTime(stretches: readonly Stretch[], value: (stretch: Stretch) => number): number {
  let sum = 0;
  let lengthMs = 0;
  for (const stretch of stretches) {
    const ms = stretch.endMs - stretch.startMs;
    // What is missing is summed, not what is there: it is small, and loses no digits.
    sum += (1 - value(stretch)) * ms;
    lengthMs += ms;
  }
  return 1 - sum / lengthMs;
}
