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
  readonly failover: FailoverConfig;
  readonly idempotency: IdempotencyConfig;
  readonly queue: QueueConfig;
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
  /** Null: chosen by whoever starts the server. */
  readonly drainDelayMs: number | null;
  readonly drainMs: number;
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
  readonly failover: ModelFailover;
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
  readonly failover: ModelFailover;
}

/** How queued requests are kept, run and delivered; what each means stands in the reference of the `queue` section. */
export interface QueueConfig {
  readonly enabled: boolean;
  readonly concurrency: number;
  readonly waitingMax: number;
  readonly attemptsMax: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  readonly expiresMs: number;
  readonly leaseMs: number;
  readonly retentionMs: number;
  /** Reference to the secret of webhooks; null where there is none. */
  readonly webhookSecret: string | null;
  readonly webhookAllowPrivate: boolean;
  readonly webhookGiveUpMs: number;
}

/** How answers are given again to repeated requests. */
export interface IdempotencyConfig {
  /** 0: the header is ignored. */
  readonly keepMs: number;
  readonly entriesMax: number;
  readonly answerBytesMax: number;
}

/** Waits in milliseconds; what each bounds stands in the reference of the `timeouts` section. */
export interface Timeouts {
  readonly connectMs: number;
  /** Null leaves it to the model: one that reasons unseen needs longer. */
  readonly firstByteMs: number | null;
  readonly firstTokenMs: number | null;
  readonly idleMs: number;
  /** Null leaves it to what the target is learned to need. */
  readonly answerMs: number | null;
  readonly totalMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 2_000,
  firstByteMs: null,
  firstTokenMs: null,
  idleMs: 30_000,
  answerMs: null,
  totalMs: 600_000,
};

/** What happens to an answer whose provider dies in the middle. */
export const RESUME_POLICIES = ['resume', 'restart-only-if-nothing-sent', 'error'] as const;
/** One of them. */
export type ResumePolicy = (typeof RESUME_POLICIES)[number];

/** How the answers of a model survive a failing provider; meanings and units stand at the options. */
export interface ModelFailover {
  readonly resume: ResumePolicy;
  readonly spareShare: number;
  readonly hedge: HedgeConfig | null;
  readonly keepAnswersS: number;
  /** Null leaves it to what the target usually does. */
  readonly minTokensPerSecond: number | null;
}

export interface HedgeConfig {
  /** Null: the learned 95th percentile of the first token. */
  readonly afterMs: number | null;
  readonly tools: boolean;
  readonly maxCostUsd: number;
}

/** How failures are noticed, kept away from callers, and not made worse. */
export interface FailoverConfig extends ModelFailover {
  readonly breaker: BreakerConfig;
  readonly retryBudget: RetryBudgetConfig;
  /** Null: no limit. */
  readonly concurrency: ConcurrencyConfig | null;
  /** Null: no probes. */
  readonly probes: ProbesConfig | null;
  readonly clientKeepAliveMs: number;
}

export interface BreakerConfig {
  readonly consecutiveFailures: number;
  readonly failureShare: number;
  readonly minRequests: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly openMaxMs: number;
  readonly closeAfterSuccesses: number;
  readonly rampMs: number;
}

export interface RetryBudgetConfig {
  readonly share: number;
  readonly minimum: number;
}

export interface ConcurrencyConfig {
  readonly min: number;
  readonly max: number;
}

export interface ProbesConfig {
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly failuresDown: number;
  readonly retryMs: number;
}

/** What holds for a model about which nothing is said. */
export const DEFAULT_MODEL_FAILOVER: ModelFailover = {
  resume: 'resume',
  spareShare: 0.01,
  hedge: null,
  keepAnswersS: 0,
  minTokensPerSecond: null,
};
