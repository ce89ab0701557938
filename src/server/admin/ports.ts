import type { Json } from '../../base/json.ts';
import type { DrillControl } from '../../spec/drill.ts';
import type { HealthReport, TargetStatus } from '../../spec/health-report.ts';
import type { Clock, Log } from '../../spec/ports.ts';
import type { Job } from '../../spec/queue.ts';
import type { JobPage, JobQuery, KeyDesk, KeyDirectoryView, RequestLogStore } from '../../store/store.ts';
import type { StatusError } from '../../simulator/faults/fault.ts';

/** What the admin API needs of the gateway around it. */
export interface AdminPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly directory: KeyDirectoryView;
  readonly keys: KeyDesk;
  readonly requests: RequestLogStore;
  readonly gateway: GatewayControl;
  readonly queue: QueueControl;
  /** Null where no provider is simulated. */
  readonly simulator: SimulatorControl | null;
  /** Null where no gateway runs. */
  readonly drills: DrillControl | null;
}

/** What an operator sees of queued requests, and the one thing that he can do for them. */
export interface QueueControl {
  list(query: JobQuery): Promise<JobPage>;
  /** Lets a dead job begin anew; null where there is none of this id, false where it is not dead. */
  revive(jobId: string): Promise<Job | null | false>;
}

/** Questions to the gateway, and the one order that it takes. */
export interface GatewayControl {
  health(): Promise<GatewayHealth>;
  healthReport(): HealthReport;
  models(): readonly ModelView[];
  /** The configuration in force, every secret replaced by its reference. */
  config(): ConfigView;
  /** Reads the configuration anew; a bad one changes nothing. */
  reload(): Promise<ReloadOutcome>;
  /** The plan that a request would get now; null where no model has this name. */
  explain(question: ExplainQuestion): Explanation | null;
}

export interface GatewayHealth {
  /** `ok`: everything works. `degraded`: it serves, but something needs a look. `draining`: it takes no new requests. */
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly version: string;
  readonly startedAtMs: number;
  readonly inFlight: number;
  /** Null where the store works. */
  readonly storeProblem: string | null;
  readonly requestLog: { readonly waiting: number; readonly dropped: number };
  readonly targets: readonly TargetStatus[];
}

/** A name that clients may ask for. */
export interface ModelView {
  readonly name: string;
  readonly kind: 'model' | 'route';
  /** Targets in the order of the configuration. */
  readonly targets: readonly string[];
  readonly fallbacks: readonly string[];
}

export interface ConfigView {
  /** Path of the file; null where the presets are in force. */
  readonly source: string | null;
  readonly loadedAtMs: number;
  readonly config: Json;
}

export type ReloadOutcome =
  | { readonly type: 'reloaded'; readonly changes: readonly string[] }
  | { readonly type: 'refused'; readonly problems: readonly string[] };

/** A request that is only imagined. */
export interface ExplainQuestion {
  readonly model: string;
  readonly inputTokens: number;
  readonly tools: boolean;
  readonly image: boolean;
  readonly jsonSchema: boolean;
}

export interface Explanation {
  /** Why the first candidate is first. */
  readonly reason: string;
  readonly candidates: readonly string[];
  readonly skipped: readonly { readonly target: string; readonly reason: string }[];
}

/** Breaks and mends simulated providers. */
export interface SimulatorControl {
  readonly providers: readonly string[];
  setFault(provider: string, fault: SimulatedFault | null): void;
}

export interface SimulatedFault {
  readonly kind: SimulatedFaultKind;
  /** Chance that a request meets it, 0 to 1. */
  readonly share: number;
}

export type SimulatedFaultKind =
  | { readonly type: PlainFault }
  | { readonly type: StreamFault; readonly afterEvents: number }
  | { readonly type: 'slow-first-token'; readonly delayMs: number }
  | { readonly type: 'dribble'; readonly byteMs: number }
  | {
      readonly type: 'status';
      readonly error: StatusError;
      readonly retryAfter: { readonly type: 'none' } | { readonly type: 'seconds'; readonly seconds: number };
    };

export const PLAIN_FAULTS = [
  'down',
  'connection-refused',
  'reset-before-head',
  'hang-before-head',
  'error-in-200',
  'empty-completion',
  'truncated-json',
  'html-502',
  'empty-body',
  'wrong-content-type',
  'missing-finish',
  'duplicate-events',
] as const;
export type PlainFault = (typeof PLAIN_FAULTS)[number];

export const STREAM_FAULTS = [
  'hang-mid-stream',
  'cut-mid-stream',
  'reset-mid-stream',
  'error-mid-stream',
] as const;
export type StreamFault = (typeof STREAM_FAULTS)[number];
