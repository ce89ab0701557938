import type { AttemptPurpose, ResumeMethod } from '../spec/attempt.ts';
import type { ErrorKind } from '../spec/error.ts';
import type { ChoiceView } from './choose.ts';
import type { Target } from './target.ts';

/** What the attempt loop does next. */
export type Move = AttemptMove | WaitMove | StopMove;

/** Call this target. */
export interface AttemptMove {
  readonly type: 'attempt';
  readonly target: Target;
  /** Which of the provider's keys to use, by position. */
  readonly keyIndex: number;
  readonly purpose: AttemptPurpose;
  /** How to go on with what the client has already; null where nothing was sent. */
  readonly resume: ResumeMethod | null;
}

/** Wait, then decide anew. */
export interface WaitMove {
  readonly type: 'wait';
  readonly ms: number;
  /** What is waited for, unless somebody else stands better by then. */
  readonly next: AttemptMove;
}

/** The request ends with this kind of error. */
export interface StopMove {
  readonly type: 'stop';
  readonly kind: ErrorKind;
  /** When it is worth asking again, where that is known of the targets themselves. */
  readonly retryAfterMs?: number;
}

/** What a decision may look at besides the plan and the log: the time, chance, how targets stand, what was sent. */
export interface MoveView extends ChoiceView {
  readonly nowMs: number;
  /** How long the request has waited for its targets so far. */
  readonly waitedMs: number;
  /** The ways in which what was sent can soundly go on; asked only after content was sent. */
  ways(): readonly ResumeMethod[];
  /** Whether a target has accepted or refused to continue a last message of the assistant; null: nobody has tried. */
  prefill(target: string): boolean | null;
}
