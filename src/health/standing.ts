import { READY, type Priority, type Standing } from '../spec/health.ts';
import { isShut, shareOf, wantsProbe, type HalfOpenCircuit, type OpenCircuit } from './breaker.ts';
import { parkedUntil, type Parked } from './parking.ts';
import type { KeyRecord } from './key-record.ts';
import type { TargetRecord } from './target-record.ts';

const PROBE: Standing = { type: 'probe' };
const FULL: Standing = { type: 'full' };
/** How long to wait, at a guess, for a probe that is under way: about as long as a first token takes. */
const PROBE_WAIT_MS = 1_000;

/** How the target stands for a call. Parked goes before open, open before probe, probe before full. */
export function standingOf(
  record: TargetRecord,
  keyIndex: number,
  priority: Priority,
  nowMs: number,
): Standing {
  const key = record.keys[keyIndex] ?? null;
  const parked = parkedNow(record, key, record.providerKeys.parked(keyIndex), nowMs);
  if (parked !== null) return parked;
  if (key !== null && isShut(key.circuit)) return shut(key, key.circuit, record, nowMs);
  if (record.limit !== null && record.limit.full(record.inFlight, priority)) return FULL;
  const share = key === null ? 1 : shareOf(key.circuit, nowMs, record.breaker);
  return share >= 1 ? READY : { type: 'ready', share };
}

function parkedNow(
  record: TargetRecord,
  key: KeyRecord | null,
  ofKey: Parked | null,
  nowMs: number,
): Standing | null {
  const own = key?.parked ?? null;
  const untilMs = Math.max(parkedUntil(own), parkedUntil(ofKey));
  if (untilMs <= nowMs) return null;
  // A guess that lasts longer makes nothing of what was told.
  const toldUntilMs = Math.max(own?.toldUntilMs ?? 0, ofKey?.toldUntilMs ?? 0);
  return { type: 'parked', untilMs: record.wall(untilMs), told: toldUntilMs > nowMs };
}

/** Whether a call there, at this moment, is made for want of anything better: its circuit is shut, or it is parked. */
export function isForced(record: TargetRecord, keyIndex: number, nowMs: number): boolean {
  const key = record.keys[keyIndex] ?? null;
  const parked = longer(key === null ? null : key.parked, record.providerKeys.parked(keyIndex));
  if (parkedUntil(parked) > nowMs) return true;
  return key !== null && isShut(key.circuit) && !wantsProbe(key.circuit, nowMs, key.passedBy);
}

/** Of two parkings the one that lasts longer. */
export function longer(a: Parked | null, b: Parked | null): Parked | null {
  if (a === null || b === null) return a ?? b;
  return parkedUntil(a) >= parkedUntil(b) ? a : b;
}

function shut(
  key: KeyRecord,
  circuit: OpenCircuit | HalfOpenCircuit,
  record: TargetRecord,
  nowMs: number,
): Standing {
  if (wantsProbe(circuit, nowMs, key.passedBy)) return PROBE;
  key.passedBy += 1;
  const untilMs = circuit.type === 'open' ? circuit.untilMs : nowMs + PROBE_WAIT_MS;
  return { type: 'open', untilMs: record.wall(untilMs) };
}
