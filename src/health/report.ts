import type { CircuitState } from '../spec/event.ts';
import type { TargetReport } from '../spec/health.ts';
import { settled } from './breaker.ts';
import { isLasting, parkedUntil } from './parking.ts';
import { longer } from './standing.ts';
import type { TargetRecord } from './target-record.ts';

/** Of several keys the state of the best is told. */
const BEST_FIRST: { readonly [state in CircuitState]: number } = {
  closed: 0,
  recovering: 1,
  'half-open': 2,
  open: 3,
};

/** How a target is seen that no call was made to. */
export function unseenReport(target: string, concurrencyLimit: number | null): TargetReport {
  return {
    target,
    state: 'closed',
    healthy: true,
    consecutiveFailures: 0,
    lastCheckMs: null,
    lastError: null,
    openUntilMs: null,
    parkedUntilMs: null,
    inFlight: 0,
    concurrencyLimit,
    baseline: null,
  };
}

/**
 * How a target is seen, over the keys that are known. It is healthy where it is not down, some circuit lets calls through, and
 * not every key waits for an operator (a quota, a credential, a missing model); a rate limit is no illness.
 */
export function reportOf(record: TargetRecord, nowMs: number): TargetReport {
  const state = bestState(record, nowMs);
  const parked = parkedUnderAll(record, nowMs);
  const openUntilMs = state === 'open' ? earliestTry(record, nowMs) : null;
  return {
    target: record.target,
    state,
    healthy:
      record.downSinceMs === null &&
      (state === 'closed' || state === 'recovering') &&
      (parked === null || !parked.lasting),
    consecutiveFailures: record.consecutiveFailures,
    lastCheckMs: record.lastCheckAtMs,
    lastError: record.lastError,
    openUntilMs: openUntilMs === null ? null : record.wall(openUntilMs),
    parkedUntilMs: parked === null ? null : record.wall(parked.untilMs),
    inFlight: record.inFlight,
    concurrencyLimit: record.limit?.limit ?? null,
    baseline: record.latency?.baseline() ?? null,
  };
}

function bestState(record: TargetRecord, nowMs: number): CircuitState {
  let best: CircuitState | null = null;
  for (const key of record.keys) {
    if (key === null) continue;
    const { type } = settled(key.circuit, nowMs, record.breaker);
    if (best === null || BEST_FIRST[type] < BEST_FIRST[best]) best = type;
  }
  return best ?? 'closed';
}

// When the first of its circuits lets a call through again; null where one does already.
function earliestTry(record: TargetRecord, nowMs: number): number | null {
  let earliest = Infinity;
  for (const key of record.keys)
    if (key?.circuit.type === 'open') earliest = Math.min(earliest, key.circuit.untilMs);
  return earliest > nowMs && earliest < Infinity ? earliest : null;
}

// Until when every known key is parked, and whether all of that is for an operator to repair; null where one key is free.
function parkedUnderAll(record: TargetRecord, nowMs: number): { untilMs: number; lasting: boolean } | null {
  let untilMs = Infinity;
  let lasting = true;
  for (let index = 0; index < Math.max(record.keys.length, record.providerKeys.size); index += 1) {
    const key = record.keys[index] ?? null;
    const ofKey = record.providerKeys.parked(index);
    const parked = longer(key?.parked ?? null, ofKey);
    // No call was made under it, so nothing is known.
    if (key === null && ofKey === null) continue;
    if (parked === null || parkedUntil(parked) <= nowMs) return null;
    untilMs = Math.min(untilMs, parkedUntil(parked));
    lasting = lasting && isLasting(parked);
  }
  return untilMs === Infinity ? null : { untilMs, lasting };
}
