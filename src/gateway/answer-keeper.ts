import type { ErrorKind } from '../spec/error.ts';
import type { FinishedAnswer } from '../store/store.ts';
import type { Sink } from './call.ts';

/** What makes answers outlive their connections: repeated requests get the first one's answer, lost ones can be fetched. */
export interface AnswerKeeper {
  /** Whether an `Idempotency-Key` is heeded at present. */
  readonly once: boolean;
  /**
   * Takes a request that says it may be a repetition. May wait for the store, for as long as the keeper's own short limit;
   * never rejects. A call that joined, or was answered again, is over when the promise resolves.
   */
  begin(asked: AskedOnce): Promise<Begun>;
  /** Lets a call go on when its client leaves, and keeps its answer for it. Gives the sink to go on with. */
  keep(sink: Sink, request: KeptRequest): Sink;
  /** The answer that a caller's earlier request came to. Never rejects. */
  find(keyId: string, requestId: string): Promise<FoundAnswer>;
}

/** A request with an `Idempotency-Key`. */
export interface AskedOnce {
  /** The header's value as it came. */
  readonly key: string;
  /** The virtual key of the caller: keys of different callers never meet. */
  readonly keyId: string;
  /** Everything that must be the same for a repetition: what is asked of which API, and the body. */
  readonly content: string;
  readonly sink: Sink;
}

/** What is to be done with it. */
export type Begun =
  /** It is the first: serve it to this sink. */
  | { readonly type: 'run'; readonly sink: Sink }
  /** It was answered with the first one's answer. */
  | { readonly type: 'replayed'; readonly status: number; readonly bytes: number }
  /** The client went away before there was anything to answer. */
  | { readonly type: 'left' }
  | {
      readonly type: 'refused';
      readonly kind: Extract<ErrorKind, 'invalid_request' | 'conflict' | 'idempotency_mismatch'>;
      readonly message: string;
    };

/** A request whose answer is kept. */
export interface KeptRequest {
  readonly requestId: string;
  readonly keyId: string;
  /** For so long after its end, in milliseconds. */
  readonly keepMs: number;
}

/** What is known of an answer that is asked for by its request's id. */
export type FoundAnswer =
  | { readonly type: 'answer'; readonly answer: FinishedAnswer }
  | { readonly type: 'running' }
  | { readonly type: 'expired' }
  | { readonly type: 'unknown' }
  /** The store did not say in time. */
  | { readonly type: 'unavailable' };

/** Keeps nothing: every request runs by itself. */
export const NO_ANSWERS: AnswerKeeper = {
  once: false,
  begin: async ({ sink }) => ({ type: 'run', sink }),
  keep: (sink) => sink,
  find: async () => ({ type: 'unknown' }),
};
