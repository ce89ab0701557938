import type { Bytes } from '../base/bytes.ts';
import type { ResumeMethod } from '../spec/attempt.ts';
import type { ErrorKind } from '../spec/error.ts';
import type { Finish } from '../spec/generate.ts';
import type { Usage } from '../spec/usage.ts';
import type { Outgoing } from './outgoing.ts';
import type { RequestRun } from './request-run.ts';

/** Takes the body of a provider's 200 and turns it into the client's answer. */
export interface Receiver {
  data(bytes: Bytes): void;
  /** The body is over: ended by the transport (null), or broken off by this failure, which only counts if it was not whole. */
  end(broken: ReceivedFailure | null): void;
  /** What was used so far, for an answer that ends early. */
  counted(): Counted;
  /** Whether the answer is known to have come to its own end, whatever the connection does. */
  readonly whole: boolean;
}

/** What an answer used, as far as it was counted. */
export interface Counted {
  /** What the provider has counted; null where it has said nothing. */
  readonly usage: Usage | null;
  /** Characters of visible output, for an estimate where usage is missing. */
  readonly outputChars: number;
}

/** What is counted where nobody received anything. */
export const NOTHING_COUNTED: Counted = { usage: null, outputChars: 0 };

/** What a receiver may do. The attempt behind it keeps time, health and the log. */
export interface ReceiverHost {
  readonly run: RequestRun;
  /** Of the target: `provider/upstream-model`. */
  readonly address: string;
  readonly outgoing: Outgoing;
  /** How this attempt goes on with what the client has already; null where nothing was sent. */
  readonly resume: ResumeMethod | null;
  /** Whether content of this attempt has gone to the client. */
  readonly committed: boolean;
  /** Opens the client's stream: from now on another attempt must go on with what was sent, or the failure is told inside. */
  commit(): void;
  /** Sends a piece of the stream to the client, with back-pressure towards the provider. */
  send(bytes: Bytes): void;
  /** Content arrived, not only a sign of life: feeds the first-token and idle watches. */
  progress(): void;
  /** The answer is complete; `body` is the whole of an answer that is not streamed. */
  answered(answer: ReceivedAnswer): void;
  /** The answer is whole but says nothing; it is told only where no target has more to say. */
  emptied(answer: EmptyAnswer): void;
  /** The answer is worthless, or broke off. */
  failed(failure: ReceivedFailure): void;
}

/** An answer that says nothing. */
export interface EmptyAnswer {
  /** The whole body, or what is to be sent of the stream. */
  readonly bytes: Bytes;
  readonly streamed: boolean;
}

/** A good answer, as far as it is not on its way to the client already. */
export interface ReceivedAnswer extends Counted {
  readonly body: Bytes | null;
  readonly finish: Finish | null;
}

/** Why an answer is no good. */
export interface ReceivedFailure {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly retryAfterMs?: number | null;
}

/** What is wrong with a stream that its provider closed before the answer was over. */
export const STOPPED: ReceivedFailure = {
  kind: 'upstream_broken_off',
  message: 'its stream stopped without an end',
};
