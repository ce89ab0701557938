import type { Headers } from '../spec/wire.ts';
import type { ProviderDefinition } from '../spec/provider.ts';
import type { ModelOverride, SimulatedSettings } from './sections/providers.ts';

/** A configuration with references checked and defaults filled in. Frozen; a request reads one from start to end. */
export interface Config {
  readonly server: ServerConfig;
  readonly store: StoreConfig;
  readonly observe: ObserveConfig;
  /** The waits of a target that no model's own time-outs apply to. */
  readonly timeouts: Timeouts;
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly models: ReadonlyMap<string, ModelConfig>;
  readonly routes: ReadonlyMap<string, RouteConfig>;
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  readonly bodyBytesMax: number;
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly connectionsMax: number;
  /** `fast` is the server in server/http1, `node` is node:http. */
  readonly http: 'fast' | 'node';
}

export interface StoreConfig {
  readonly url: string;
  readonly requestLogDays: number;
}

export interface ObserveConfig {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly accessLog: boolean;
  readonly metrics: 'open' | 'admin-key' | 'off';
}

export interface ProviderConfig {
  readonly name: string;
  readonly definition: ProviderDefinition;
  readonly baseUrl: string;
  /** References to its keys; empty where it needs none. */
  readonly keys: readonly string[];
  readonly headers: Headers;
  readonly allowPrivate: boolean;
  readonly connectTimeoutMs: number | null;
  /** Most connections to it at once; null leaves it to the transport. */
  readonly connectionsMax: number | null;
  readonly models: ReadonlyMap<string, ModelOverride>;
  readonly simulate: SimulatedSettings | null;
}

export interface ModelConfig {
  readonly name: string;
  readonly strategy: 'ordered' | 'weighted' | 'cheapest';
  readonly targets: readonly TargetConfig[];
  readonly fallbacks: readonly string[];
  readonly strict: boolean;
  readonly timeouts: Timeouts;
}

export interface TargetConfig {
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  readonly weight: number;
}

export interface RouteConfig {
  readonly name: string;
  readonly strategy: 'ordered' | 'cheapest' | 'hybrid';
  readonly tiers: readonly string[];
  /** The whole request with all of its attempts; the other waits are those of the models. */
  readonly totalMs: number;
}

/** Waits in milliseconds; what each bounds stands in the reference of the `timeouts` section. */
export interface Timeouts {
  readonly connectMs: number;
  /** Null leaves it to the model: one that reasons unseen needs longer. */
  readonly firstByteMs: number | null;
  readonly firstTokenMs: number | null;
  readonly idleMs: number;
  readonly answerMs: number;
  readonly totalMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 2_000,
  firstByteMs: null,
  firstTokenMs: null,
  idleMs: 30_000,
  answerMs: 300_000,
  totalMs: 600_000,
};
