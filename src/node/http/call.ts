import type { Bytes } from '../../base/bytes.ts';
import type { Clock, Log, Timer } from '../../spec/ports.ts';
import {
  header,
  type Headers,
  type TransportFailure,
  type WireCall,
  type WireHandler,
  type WireRequest,
} from '../../spec/wire.ts';
import { ContentDecoder, isKnownCoding, withoutCoding, type DecodedSink } from './content-decoder.ts';
import type { Refusal } from './failure.ts';
import type { Target } from './target.ts';

/** Who has the call at present: the pool while it waits, a connection while it is under way. */
export interface CallHolder {
  pauseCall(call: Call): void;
  resumeCall(call: Call): void;
  /** The call is over for its handler; what was done for it may be thrown away. */
  abandonCall(call: Call): void;
}

/** What every call of a transport shares. */
export interface CallContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly decompressedBytesMax: number;
}

/**
 * One request under way, as the handler's side of it. It sees to it that the handler hears head, data and one end or
 * failure in this order, nothing after an abort, and never before `send` has returned.
 */
export class Call implements WireCall, DecodedSink {
  readonly target: Target;
  readonly method: string;
  /** Head and body of the request; let go when an answer begins, as streams are many and long. */
  head: string;
  body: string;
  holder: CallHolder | null = null;
  paused = false;
  /** Whether the request was tried on a kept connection that turned out to be closed. */
  retried = false;
  /** Whether any byte of the request may have reached the provider. */
  sent = false;
  readonly #context: CallContext;
  readonly #connectTimeoutMs: number;
  readonly #headTimeoutMs: number;
  #handler: WireHandler | null;
  #timer: Timer | null = null;
  #decoder: ContentDecoder | null = null;

  constructor(
    context: CallContext,
    parts: { request: WireRequest; target: Target; head: string },
    handler: WireHandler,
  ) {
    this.#context = context;
    this.target = parts.target;
    this.method = parts.request.method;
    this.head = parts.head;
    this.body = parts.request.body;
    this.#connectTimeoutMs = parts.request.connectTimeoutMs;
    this.#headTimeoutMs = parts.request.headTimeoutMs;
    this.#handler = handler;
  }

  get over(): boolean {
    return this.#handler === null;
  }

  pause(): void {
    this.paused = true;
    if (this.#decoder !== null) this.#decoder.pause();
    else this.holder?.pauseCall(this);
  }

  resume(): void {
    this.paused = false;
    if (this.#decoder !== null) this.#decoder.resume();
    else this.holder?.resumeCall(this);
  }

  abort(): void {
    if (this.#handler === null) return;
    this.#handler = null;
    this.#letGo();
  }

  /** Starts the wait for a connection, in the queue and while it is made. */
  awaitConnection(): void {
    this.#setTimer(this.#connectTimeoutMs, 'connect-timeout', 'No connection was ready in time.');
  }

  /** Starts the wait for the head of the answer. */
  awaitHead(): void {
    this.sent = true;
    this.#setTimer(this.#headTimeoutMs, 'head-timeout', 'The answer did not begin in time.');
  }

  deliverHead(status: number, headers: Headers): void {
    this.#clearTimer();
    this.head = '';
    this.body = '';
    const coding = header(headers, 'content-encoding')?.toLowerCase() ?? 'identity';
    if (coding === 'identity' || coding === '') {
      this.#guard((handler) => handler.onHead(status, headers));
    } else if (isKnownCoding(coding)) {
      this.#decoder = new ContentDecoder(coding, this.#context.decompressedBytesMax, this);
      this.#guard((handler) => handler.onHead(status, withoutCoding(headers)));
    } else
      this.fail({ type: 'malformed', message: 'The answer has a content coding that was not asked for.' });
  }

  deliverData(bytes: Bytes): void {
    if (this.#decoder !== null) this.#decoder.push(bytes);
    else this.onDecoded(bytes);
  }

  /** The answer is complete and the connection has let go of the call. */
  deliverEnd(): void {
    this.holder = null;
    if (this.#decoder !== null) this.#decoder.end();
    else this.onDecodedEnd();
  }

  fail(refusal: Refusal): void {
    if (this.#handler === null) return;
    const failure: TransportFailure = { ...refusal, sent: this.sent };
    this.#tellLast((handler) => handler.onFail(failure));
  }

  onDecoded(bytes: Bytes): void {
    const handler = this.#handler;
    if (handler === null) return;
    try {
      handler.onData(bytes);
    } catch (error) {
      this.#handlerThrew(error);
    }
  }

  onDecodedEnd(): void {
    this.#tellLast((handler) => handler.onEnd());
  }

  onDecodeFail(refusal: Refusal): void {
    this.fail(refusal);
  }

  pauseSource(): void {
    this.holder?.pauseCall(this);
  }

  resumeSource(): void {
    this.holder?.resumeCall(this);
  }

  #guard(tell: (handler: WireHandler) => void): void {
    if (this.#handler === null) return;
    try {
      tell(this.#handler);
    } catch (error) {
      this.#handlerThrew(error);
    }
  }

  #tellLast(tell: (handler: WireHandler) => void): void {
    const handler = this.#handler;
    if (handler === null) return;
    this.#handler = null;
    this.#letGo();
    try {
      tell(handler);
    } catch (error) {
      this.#complain(error);
    }
  }

  /** A fault of our own code must cost one request, not the process. */
  #handlerThrew(error: unknown): void {
    this.#complain(error);
    this.fail({ type: 'malformed', message: 'The answer could not be processed.' });
  }

  #complain(error: unknown): void {
    this.#context.log.error('a handler of an answer threw', {
      host: this.target.host,
      error: error instanceof Error ? error.message : String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  }

  #letGo(): void {
    this.#clearTimer();
    this.#decoder?.destroy();
    const { holder } = this;
    this.holder = null;
    holder?.abandonCall(this);
  }

  #setTimer(ms: number, type: Refusal['type'], message: string): void {
    this.#timer?.cancel();
    this.#timer = this.#context.clock.after(ms, () => this.fail({ type, message }));
  }

  #clearTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
