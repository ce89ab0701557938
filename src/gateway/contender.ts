import type { Bytes } from '../base/bytes.ts';
import type { AttemptMove } from '../routing/move.ts';
import type { Attempt } from '../spec/attempt.ts';
import type { GatewayError } from '../spec/error.ts';
import type { EmptyAnswer } from './receiver.ts';
import type { Abandonable, Admitted, RequestRun } from './request-run.ts';

/** What an attempt came to: its entry in the log, and the body where the answer is not streamed. */
export interface AttemptResult {
  readonly attempt: Attempt;
  readonly body: Bytes | null;
  /** The error itself, where it has particulars for the caller that the log has no place for. */
  readonly told: GatewayError | null;
  /** An answer without a word in it, whole in itself: told to the client where no target has more to say. */
  readonly empty: EmptyAnswer | null;
}

/** One of the attempts that run against each other. */
export interface Contender extends Abandonable {
  start(): void;
  /** Another one was faster. */
  lose(): void;
}

/** Who is told that an attempt speaks first. */
export interface Judge {
  won(contender: Contender): void;
}

/** What an attempt is made of. */
export interface AttemptParts {
  readonly run: RequestRun;
  readonly admitted: Admitted;
  readonly move: AttemptMove;
  /** Null where it runs alone. */
  readonly race: Judge | null;
}
