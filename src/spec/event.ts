import type { Attempt } from './attempt.ts';
import type { ErrorKind } from './error.ts';
import type { Finish, Warning } from './generate.ts';
import type { JobReason } from './queue.ts';
import type { Usage } from './usage.ts';

/** Everything that happens, in the past tense. Subscribers are bounded and can never fail a request. */
export type GatewayEvent =
  | RequestStarted
  | AttemptFinished
  | RequestFinished
  | ConfigReloaded
  | KeyChanged
  | CircuitChanged
  | TargetDown
  | TargetRecovered
  | JobQueued
  | JobFinished
  | JobDelivered
  | DrillStarted
  | DrillEnded
  | SubscriberOverflowed;

/** A request was admitted and has a plan. */
export interface RequestStarted {
  readonly type: 'request-started';
  readonly requestId: string;
  readonly atMs: number;
  readonly model: string;
  readonly stream: boolean;
}

/** One call to a provider ended. */
export interface AttemptFinished {
  readonly type: 'attempt-finished';
  readonly requestId: string;
  readonly attempt: Attempt;
}

/** A request has its one final answer; carries everything that the log, the metrics and the audit want to know. */
export interface RequestFinished {
  readonly type: 'request-finished';
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Time that was spent in the gateway itself, without waiting for providers. */
  readonly overheadMs: number;
  /** From the start to the first content sent to the client; null where none was. */
  readonly firstTokenMs: number | null;
  /** Id of the client's wire. */
  readonly protocol: string;
  readonly operation: string;
  /** The model or route that the client named; `null` where the request was refused before it was known. */
  readonly model: string | null;
  /** Whether the model is one of the configuration; unknown names must not become metric labels. */
  readonly modelKnown: boolean;
  readonly keyId: string | null;
  readonly tags: readonly string[];
  readonly stream: boolean;
  /**
   * HTTP status that the client received; 499 where it left before. A stream that broke off after it began has the status
   * of its error, so that counting by status counts it as the failure that it is.
   */
  readonly status: number;
  readonly error: { readonly kind: ErrorKind; readonly message: string } | null;
  readonly attempts: readonly Attempt[];
  /** Target that answered, whole or in part; null where none did. */
  readonly target: string | null;
  /** Why it went there, in a few words. */
  readonly routeReason: string | null;
  readonly finish: Finish | null;
  readonly usage: Usage | null;
  /** Sum over all attempts; null where it is unknown for one that used tokens. */
  readonly costNanodollars: bigint | null;
  readonly warnings: readonly Warning[];
  readonly requestBytes: number;
  readonly answerBytes: number;
}

/** A new configuration took effect. */
export interface ConfigReloaded {
  readonly type: 'config-reloaded';
  readonly atMs: number;
  /** What changed, in words. */
  readonly changes: readonly string[];
}

/** A virtual key was made, changed or revoked. */
export interface KeyChanged {
  readonly type: 'key-changed';
  readonly atMs: number;
  readonly keyId: string;
  readonly change: 'created' | 'updated' | 'revoked';
}

/** The circuit breaker of a target, for one of its keys, changed its state. */
export interface CircuitChanged {
  readonly type: 'circuit-changed';
  readonly atMs: number;
  /** `provider/upstream-model`. */
  readonly target: string;
  readonly keyIndex: number;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Why, in a few words. */
  readonly reason: string;
}

/**
 * `closed`: calls go there. `open`: left alone for a while. `half-open`: one call at a time finds out whether it is well
 * again. `recovering`: it is, and gets a growing share of the calls.
 */
export const CIRCUIT_STATES = ['closed', 'open', 'half-open', 'recovering'] as const;
/** One of them. */
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** A target is taken for down: its circuit opened under every key, or the health monitor's checks failed in a row. */
export interface TargetDown {
  readonly type: 'target-down';
  readonly atMs: number;
  readonly target: string;
  readonly consecutiveFailures: number;
  readonly lastError: string;
}

/** A target that was down answers again. */
export interface TargetRecovered {
  readonly type: 'target-recovered';
  readonly atMs: number;
  readonly target: string;
  /** How long it was down. */
  readonly downMs: number;
}

/** A provider is being made to fail on purpose from now on. */
export interface DrillStarted {
  readonly type: 'drill-started';
  readonly atMs: number;
  readonly drillId: string;
  /** Configured name of the provider. */
  readonly provider: string;
  /** Short name of the fault, such as `cut:5`. */
  readonly fault: string;
  /** Chance, 0 to 1, that a call to the provider meets it. */
  readonly share: number;
  /** When it ends by itself. */
  readonly untilMs: number;
  /** Name of the key of whoever started it. */
  readonly startedBy: string;
}

/** Why a drill is over: its `time` was up, somebody `stopped` it, the configuration was reloaded, or the gateway closed. */
export const DRILL_ENDINGS = ['time', 'stopped', 'reload', 'closed'] as const;
/** One of them. */
export type DrillEnding = (typeof DRILL_ENDINGS)[number];

/** A drill is over; requests that met its fault may still be under way. */
export interface DrillEnded {
  readonly type: 'drill-ended';
  readonly atMs: number;
  readonly drillId: string;
  readonly provider: string;
  readonly fault: string;
  readonly ending: DrillEnding;
  /** Requests that met the fault, and those of them that were lost although another target existed. */
  readonly met: number;
  readonly lost: number;
}

/** A request was written down to be answered later. */
export interface JobQueued {
  readonly type: 'job-queued';
  readonly atMs: number;
  readonly jobId: string;
  readonly keyId: string;
  /** The model or route that the client named. */
  readonly model: string;
}

/** A queued request has its answer, or was given up. */
export interface JobFinished {
  readonly type: 'job-finished';
  readonly atMs: number;
  readonly jobId: string;
  readonly keyId: string;
  /** The model or route that the client named. */
  readonly model: string;
  readonly outcome: 'answered' | 'dead';
  /** How often it was run. */
  readonly attempts: number;
  /** From its acceptance to its end. */
  readonly durationMs: number;
  /** Why it was given up; null where it was answered. */
  readonly reason: JobReason | null;
}

/** The news of a finished queued request reached its webhook, or were given up. */
export interface JobDelivered {
  readonly type: 'job-delivered';
  readonly atMs: number;
  readonly jobId: string;
  readonly keyId: string;
  readonly outcome: 'delivered' | 'undelivered';
  /** How often it was tried. */
  readonly attempts: number;
  /** What was wrong with the last try; null where it was delivered. */
  readonly problem: string | null;
}

/** A subscriber was too slow and lost events. */
export interface SubscriberOverflowed {
  readonly type: 'subscriber-overflowed';
  readonly atMs: number;
  readonly subscriber: string;
  readonly lost: number;
}
