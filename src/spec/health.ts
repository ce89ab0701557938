import type { AttemptPurpose } from './attempt.ts';
import type { ErrorKind } from './error.ts';
import type { CircuitState } from './event.ts';

/** Who is let through first where not everybody can be. */
export const PRIORITIES = ['high', 'normal', 'low'] as const;
/** One of them. */
export type Priority = (typeof PRIORITIES)[number];

/** How a target stands, at this moment, for a call under one of its keys. */
export type Standing =
  /** Calls go there; `share` below 1 is the part of them that does while it recovers. */
  | { readonly type: 'ready'; readonly share: number }
  /** Its circuit is half-open and nobody is finding out: the next call would. */
  | { readonly type: 'probe' }
  /** As many calls are under way as it seems to take, for this priority. */
  | { readonly type: 'full' }
  /** Its circuit is open, or half-open with a call that finds out. */
  | { readonly type: 'open'; readonly untilMs: number }
  /** A rate limit, a used-up quota or a refused key. `told`: the provider itself said until when. */
  | { readonly type: 'parked'; readonly untilMs: number; readonly told: boolean };

/** A target without any history. */
export const READY: Standing = { type: 'ready', share: 1 };

/** What a call came to, as far as the memory of its target is concerned. */
export type CallResult =
  | {
      readonly type: 'answered';
      /** From the start to the first content; null where the answer was not streamed. */
      readonly firstTokenMs: number | null;
      readonly durationMs: number;
      /** Null where nobody counted. */
      readonly outputTokens: number | null;
    }
  | {
      readonly type: 'failed';
      readonly kind: ErrorKind;
      readonly message: string;
      readonly retryAfterMs: number | null;
    }
  /** Given up by our side (the client left or was in a hurry, a hedge was lost): says nothing about the target. */
  | { readonly type: 'abandoned' };

/** A call under way, as its target's memory sees it. `end` is told exactly once. */
export interface HealthCall {
  /** First content came, this long after the start. */
  firstToken(ms: number): void;
  end(result: CallResult): void;
}

/** What a target usually does; learned from its answers. */
export interface Baseline {
  /** Answers that it was learned from. */
  readonly samples: number;
  /** Quantiles of the time to the first content of a stream, in milliseconds; null until enough came. */
  readonly firstTokenP50Ms: number | null;
  readonly firstTokenP95Ms: number | null;
  readonly firstTokenP99Ms: number | null;
  /** All but one in a hundred of its answers that were not streamed took no longer; null until enough came. */
  readonly answerP99Ms: number | null;
  /** Median speed of its streams behind the first content; null where unknown. */
  readonly tokensPerSecond: number | null;
}

/** The memory of how targets are doing, as the path of a request uses it. Everything is in memory; nothing waits. */
export interface TargetHealth {
  /** `target` is an address, `provider/upstream-model`. */
  standing(target: string, keyIndex: number, priority: Priority): Standing;
  /**
   * Whether the retry budgets, of this target and of all, allow one more repetition, hedge or call for want of anything better
   * there. Asking takes nothing.
   */
  mayRetry(target: string): boolean;
  /**
   * A call begins. A `repeat` or `hedge` takes from the retry budgets, and so does any but the `first` that is made to what is
   * open or parked, for want of anything better; every other call adds to them.
   */
  begin(target: string, keyIndex: number, purpose: AttemptPurpose): HealthCall;
  /** Null until enough answers came. */
  baseline(target: string): Baseline | null;
  /** Whether the target has accepted (true) or refused (false) to continue a last message of the assistant; null: not tried. */
  prefill(target: string): boolean | null;
  learnPrefill(target: string, accepted: boolean): void;
}

/** How one target is seen, for reports. */
export interface TargetReport {
  readonly target: string;
  /** Of its keys the best. */
  readonly state: CircuitState;
  /** By the health monitor and live traffic together. */
  readonly healthy: boolean;
  readonly consecutiveFailures: number;
  /** When a call or probe last told something about it; null: never. */
  readonly lastCheckMs: number | null;
  readonly lastError: string | null;
  /** Until when it is left alone; null where it is not. */
  readonly openUntilMs: number | null;
  readonly parkedUntilMs: number | null;
  readonly inFlight: number;
  /** Most calls at once at present; null where there is no limit. */
  readonly concurrencyLimit: number | null;
  readonly baseline: Baseline | null;
}
