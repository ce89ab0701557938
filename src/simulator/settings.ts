import type { Fault } from './faults/fault.ts';

/** The three wires that the simulator speaks, named by what a client calls: the path tells which one is meant. */
export const WIRE_NAMES = ['chat', 'messages', 'generate-content'] as const;
export type WireName = (typeof WIRE_NAMES)[number];

/** How fast a simulated provider is. */
export interface Pace {
  /** From the request to the first token. */
  readonly firstTokenMs: number;
  /** 0 means all at once. */
  readonly tokensPerSecond: number;
  /** Share by which each delay varies to both sides, from 0 to 1. */
  readonly jitter: number;
}

/** A quick hosted model: what people see who start the gateway without keys. */
export const DEFAULT_PACE: Pace = { firstTokenMs: 150, tokensPerSecond: 80, jitter: 0.25 };

/** No waiting at all, for tests. */
export const INSTANT_PACE: Pace = { firstTokenMs: 0, tokensPerSecond: 0, jitter: 0 };

/** How one simulated provider behaves. */
export interface ProviderSettings {
  /** The wire of paths that do not tell it themselves, such as `/models`. */
  readonly wire: WireName;
  /**
   * `any`: some non-empty key must come. `none`: no key is asked for, the default within a process, where providers of
   * the simulated kind have none. A list: only these keys are valid.
   */
  readonly keys: 'any' | 'none' | readonly string[];
  /** Names of models served besides the well-known ones of the wire. */
  readonly models: readonly string[];
  readonly pace: Pace;
  /** What goes wrong from the start; `setFault` changes it later. */
  readonly fault: Fault | null;
}

export const DEFAULT_PROVIDER: ProviderSettings = {
  wire: 'chat',
  keys: 'none',
  models: [],
  pace: DEFAULT_PACE,
  fault: null,
};

/** Settings of the whole simulator. `defaults` and `providers` are read anew with every request. */
export interface SimulatorSettings {
  /** Changes every answer that leaves a choice, and the signing key; the default is a fixed word. */
  readonly seed?: string;
  /** Corrections of `DEFAULT_PROVIDER` for all providers. */
  readonly defaults?: Partial<ProviderSettings>;
  /** Corrections of the defaults by provider name. */
  readonly providers?: { readonly [name: string]: Partial<ProviderSettings> };
}

/** The settings of one provider with all defaults filled in. */
export function settingsOf(settings: SimulatorSettings, provider: string): ProviderSettings {
  const own = settings.providers;
  const corrections = own !== undefined && Object.hasOwn(own, provider) ? own[provider] : undefined;
  return { ...DEFAULT_PROVIDER, ...settings.defaults, ...corrections };
}
