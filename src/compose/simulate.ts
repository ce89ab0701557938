import type { JsonObject } from '../base/json.ts';
import { didYouMean } from '../base/nearest.ts';
import { createNodeRuntime } from '../node/runtime.ts';
import { startSimulator, type RunningSimulator } from '../server/simulate-server.ts';
import type { FaultKind } from '../simulator/faults/fault.ts';
import { FAULT_NAMES, faultNamed } from '../simulator/faults/names.ts';
import { DEFAULT_PACE, WIRE_NAMES, type WireName } from '../simulator/settings.ts';

/** Settings of the stand-alone simulator, as people type them. */
export interface SimulateSettings {
  readonly host: string;
  readonly port: number;
  /** Wire of paths that do not tell it themselves. */
  readonly wire: WireName;
  readonly fault: FaultKind | null;
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
}

/** Starts the simulated providers on a socket of their own. */
export function startSimulate(settings: SimulateSettings): Promise<RunningSimulator> {
  const { clock, random, crypto } = createNodeRuntime({ log: { level: 'silent' } }).runtime;
  const { host, port, wire, fault, firstTokenMs, tokensPerSecond } = settings;
  const pace = { ...DEFAULT_PACE, firstTokenMs, tokensPerSecond };
  const defaults = { wire, pace, fault: fault === null ? null : { kind: fault } };
  return startSimulator({ clock, random, crypto, host, port, settings: { defaults } });
}

/** How fast the simulator is where nothing is said. */
export const SIMULATED_PACE = DEFAULT_PACE;

export { WIRE_NAMES, type WireName };

/** Short names of the faults that can be asked for. */
export const FAULTS: readonly string[] = Object.keys(FAULT_NAMES);

/** The fault of a short name such as `cut:5`, or what is wrong with the name. */
export function faultOrReason(
  text: string,
):
  | { readonly type: 'fault'; readonly fault: FaultKind }
  | { readonly type: 'unknown'; readonly reason: string } {
  const fault = faultNamed(text);
  if (fault !== null) return { type: 'fault', fault };
  const hint = didYouMean(text, FAULTS) || `; known are ${FAULTS.join(', ')}`;
  return { type: 'unknown', reason: `There is no fault "${text}"${hint}.` };
}

/** A fault as the admin API takes it. */
export function faultAsInput(fault: FaultKind): JsonObject {
  if ('delayMs' in fault) return { type: fault.type, delay_ms: fault.delayMs };
  if ('byteMs' in fault) return { type: fault.type, byte_ms: fault.byteMs };
  if ('afterEvents' in fault) return { type: fault.type, after_events: fault.afterEvents };
  if (fault.type !== 'status') return { type: fault.type };
  const { error, retryAfter } = fault;
  return retryAfter?.type === 'seconds'
    ? { type: fault.type, error, retry_after_seconds: retryAfter.seconds }
    : { type: fault.type, error };
}
