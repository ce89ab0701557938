import type { AddedLatency, Drill } from '../spec/drill.ts';
import type { ScenarioFile } from './scenario.ts';

/** What callers saw of a scenario, and what the gateway says of how it came about. */
export interface ScenarioReport {
  readonly name: string;
  readonly about: string;
  readonly seed: number;
  /** Virtual time that passed. */
  readonly virtualMs: number;
  readonly requests: number;
  /** They got the whole answer, every word right. */
  readonly answered: number;
  /** They got an error, or an answer that broke off and said so. */
  readonly failed: number;
  /** They got an answer that seems whole and is not. */
  readonly wrong: number;
  readonly availability: number;
  /** The worst of the drills; null where no request that met a fault was answered. */
  readonly addedMs: AddedLatency | null;
  readonly callsPerRequest: number;
  readonly resumed: number;
  readonly drills: readonly Drill[];
  readonly checks: readonly ScenarioCheck[];
  /** Whether everything came out as expected. */
  readonly ok: boolean;
}

/** An expectation and what came out. */
export interface ScenarioCheck {
  /** Name of the expectation as in the file. */
  readonly name: string;
  readonly bound: 'at most' | 'at least';
  readonly wanted: number;
  /** Null where nothing was there to be measured. */
  readonly seen: number | null;
  readonly ok: boolean;
}

/** What was seen of a run, before it is held against what was expected. */
export type ScenarioFacts = Omit<ScenarioReport, 'checks' | 'ok' | 'availability'>;

/** Holds what was seen against what was expected. */
export function scenarioReport(facts: ScenarioFacts, { expect }: ScenarioFile): ScenarioReport {
  const { requests, answered, failed, wrong, addedMs, callsPerRequest, resumed } = facts;
  const availability = requests === 0 ? 1 : answered / requests;
  const checks = [
    atMost('lost', expect.lost, failed + wrong),
    atLeast('availability', expect.availability, availability),
    atMost('added_ms_p99', expect.added_ms_p99, addedMs?.p99 ?? null),
    atMost('calls_per_request', expect.calls_per_request, callsPerRequest),
    atLeast('resumed', expect.resumed, resumed),
  ].filter((check) => check !== null);
  return { ...facts, availability, checks, ok: checks.every(({ ok }) => ok) };
}

// A fault that nobody met added nothing.
function atMost(name: string, wanted: number | undefined, seen: number | null): ScenarioCheck | null {
  if (wanted === undefined) return null;
  return { name, bound: 'at most', wanted, seen, ok: seen === null || seen <= wanted };
}

function atLeast(name: string, wanted: number | undefined, seen: number): ScenarioCheck | null {
  return wanted === undefined ? null : { name, bound: 'at least', wanted, seen, ok: seen >= wanted };
}
