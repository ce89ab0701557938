import type { CircuitState } from './event.ts';

/** How all models are at one moment, for people and for monitors. Moments are ISO 8601 in UTC. */
export interface HealthReport {
  readonly timestamp: string;
  /** `healthy`: every model is. `degraded`: some are. `down`: none is. */
  readonly status: (typeof REPORT_STATUSES)[number];
  /** How many models are healthy, and how many there are; routes are made of models and not counted. */
  readonly healthy: number;
  readonly total: number;
  /** The same in words: `3/4 models healthy`. */
  readonly summary: string;
  readonly models: readonly ModelStatus[];
}

/** What a report comes to. */
export const REPORT_STATUSES = ['healthy', 'degraded', 'down'] as const;

/** How one public model is, by its own targets; its fallbacks have reports of their own. */
export interface ModelStatus {
  readonly model: string;
  /** Whether one of its targets is. */
  readonly healthy: boolean;
  /** When a call or probe last told something about one of its targets; null: never. */
  readonly lastCheck: string | null;
  /** Those of its best target. */
  readonly consecutiveFailures: number;
  /** In the order of the configuration. */
  readonly targets: readonly TargetStatus[];
}

/** How one target is. */
export interface TargetStatus {
  /** `provider/upstream-model`. */
  readonly target: string;
  /** Not down, its circuit lets calls through, and no operator is needed for its keys; a rate limit is no illness. */
  readonly healthy: boolean;
  /** Its circuit; of several keys that of the best. */
  readonly state: CircuitState;
  readonly lastCheck: string | null;
  readonly consecutiveFailures: number;
  /** What went wrong last, also where it is well again; null: nothing yet. */
  readonly lastError: string | null;
  /** Until when its circuit is open, and until when a rate limit, a quota or a refused key keeps calls away; null: it does not. */
  readonly openUntil: string | null;
  readonly parkedUntil: string | null;
  readonly inFlight: number;
  /** Most calls at once at present; null: no limit. */
  readonly concurrencyLimit: number | null;
  /** Quantiles of its time to the first token; null until enough answers came. */
  readonly firstTokenMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  /** Median speed of its streams; null where unknown. */
  readonly tokensPerSecond: number | null;
}
