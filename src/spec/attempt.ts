import type { ErrorKind } from './error.ts';
import type { Finish, Warning } from './generate.ts';
import type { Usage } from './usage.ts';

/** One call to one target and what came of it. The list of them is the state of a request: see routing/next-move.ts. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Address of the target: `provider/upstream-model`. */
  readonly target: string;
  /** Configured name of the provider. */
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Which of the provider's keys was used, by position from 0. */
  readonly keyIndex: number;
  /** Why this call was made. */
  readonly purpose: AttemptPurpose;
  /** How it was to go on with what the client had already; null where nothing had been sent. */
  readonly resume: ResumeMethod | null;
  readonly startedAtMs: number;
  /** From the start to the head of the answer; null where none came. */
  readonly headMs: number | null;
  /** From the start to the first content; null where none came. */
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  readonly usage: Usage | null;
  /** Null where the price or the usage is unknown. */
  readonly costNanodollars: bigint | null;
  /** The provider's own id of the request. */
  readonly upstreamRequestId: string | null;
  readonly warnings: readonly Warning[];
}

/**
 * Why a call is made: the request's `first`, with an `other-key` of the same target, `failover` to another target, a `repeat`
 * on one that was tried, to `resume` an answer that broke off, as a `hedge` against a slow one.
 */
export const ATTEMPT_PURPOSES = ['first', 'other-key', 'failover', 'repeat', 'resume', 'hedge'] as const;
/** One of them. */
export type AttemptPurpose = (typeof ATTEMPT_PURPOSES)[number];

/**
 * Ways to go on with an answer that broke off after a part of it was sent. `prefill`: the target continues a last message of
 * the assistant. `restart`: it answers anew, and what agrees with the part that was sent is left out. `continue`: it is asked
 * in words to continue exactly, and what it repeats is left out.
 */
export const RESUME_METHODS = ['prefill', 'restart', 'continue'] as const;
/** One of them. */
export type ResumeMethod = (typeof RESUME_METHODS)[number];

/** How a call ended. */
export type AttemptOutcome =
  | { readonly type: 'answered'; readonly finish: Finish | null }
  | {
      readonly type: 'failed';
      readonly kind: ErrorKind;
      readonly message: string;
      /** HTTP status of the provider, null where none came. */
      readonly status: number | null;
      /** How long the provider asks to be left alone; null where it does not say. */
      readonly retryAfterMs: number | null;
      /** Whether content had reached the client before. */
      readonly committed: boolean;
    };
