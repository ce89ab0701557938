import type { Interval } from './intervals.ts';

/** How bad an incident was, in the words of status pages; `unsaid` where the source did not record it. */
export const IMPACTS = ['none', 'minor', 'major', 'critical', 'unsaid'] as const;
/** One of them. */
export type Impact = (typeof IMPACTS)[number];

/** What an incident was about, derived from its title by whoever gathered the data; a few are wrong. */
export const SCOPE_CLASSES = [
  'all_models',
  'single_model',
  'elevated_errors',
  'latency_or_degraded',
  'side_feature',
  'non_text_modality',
  'auth',
  'billing',
  'other',
] as const;
/** One of them. */
export type ScopeClass = (typeof SCOPE_CLASSES)[number];

/** A stretch of time in which a service was in trouble. */
export interface Incident extends Interval {
  /** The service's name in the data, such as the API of one company. */
  readonly service: string;
  readonly id: string;
  readonly impact: Impact;
  readonly scope: ScopeClass;
  /** False for brownouts that no status page told of. */
  readonly announced: boolean;
}

/** A file of incidents, read. */
export interface IncidentFile {
  readonly incidents: readonly Incident[];
  /** The time that the file covers. */
  readonly period: Interval;
  /** Services that the file has a word about, in order of their names. */
  readonly services: readonly string[];
}

/**
 * How an incident is taken. `conservative`: every request to the service fails while it lasts. `weighted`: a share of them
 * fails by the impact, and an incident of latency slows all of them instead.
 */
export const REPLAY_MODES = ['conservative', 'weighted'] as const;
/** One of them. */
export type ReplayMode = (typeof REPLAY_MODES)[number];

/**
 * Share of requests that fail in the weighted mode. A modelling choice of those who gathered the data, not measured; where
 * the impact was not recorded it counts as minor.
 */
export const FAILING_SHARE: { readonly [impact in Impact]: number } = {
  none: 0.02,
  minor: 0.1,
  major: 0.5,
  critical: 1,
  unsaid: 0.1,
};

/**
 * Whether an incident counts in a mode. A notice whose impact is `none` says that nothing was wrong with the service: the
 * conservative mode leaves it out, as the figures do that this is compared with ("minor or worse").
 */
export function counts({ impact }: Incident, mode: ReplayMode): boolean {
  return mode === 'weighted' || impact !== 'none';
}

/** Share of requests that fail while an incident lasts, 0 to 1. */
export function failingShare({ impact, scope }: Incident, mode: ReplayMode): number {
  if (mode === 'conservative') return 1;
  return scope === 'latency_or_degraded' ? 0 : FAILING_SHARE[impact];
}
