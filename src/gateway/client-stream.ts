import { textToBytes, type Bytes } from '../base/bytes.ts';
import type { Clock, Timer } from '../spec/ports.ts';
import type { FlatHeaders, Sink } from './call.ts';

/** What every API's clients skip: a comment of an event stream. */
const WAITING = textToBytes(': waiting\n\n');

/** Asked for the headers of a stream that is opened before anybody has answered. */
export interface EarlyHeaders {
  earlyHeaders(): FlatHeaders;
}

/**
 * The client's stream over all attempts of a request: opened once, fed in whole events. While there is nothing to tell for
 * a while it gets a comment, so that nobody between closes the connection; a stream that nobody has begun to answer by then
 * is opened for it, and a failure after that can only be told inside the stream.
 */
export class ClientStream {
  readonly #sink: Sink;
  readonly #early: EarlyHeaders;
  #opened = false;
  #writes = 0;
  #seenWrites = 0;
  #timer: Timer | null = null;

  constructor(sink: Sink, early: EarlyHeaders) {
    this.#sink = sink;
    this.#early = early;
  }

  /** Whether the client has a status and headers already. */
  get opened(): boolean {
    return this.#opened;
  }

  open(headers: FlatHeaders): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#sink.open(headers);
  }

  /** Whole events only. False asks to wait for the sink's drain. */
  write(bytes: Bytes): boolean {
    this.#writes += 1;
    return this.#sink.write(bytes);
  }

  /** A line for people who look at the stream itself. */
  comment(text: string): void {
    if (this.#opened && !this.#sink.closed)
      this.write(textToBytes(`: ${text.replaceAll(/[\r\n]/g, ' ')}\n\n`));
  }

  /** From now on silence is broken every so often. */
  keepAlive(clock: Clock, everyMs: number): void {
    this.#timer = clock.after(everyMs, () => {
      if (this.#sink.closed) return;
      if (this.#writes === this.#seenWrites && !this.#sink.blocked) {
        this.open(this.#early.earlyHeaders());
        this.write(WAITING);
      }
      this.#seenWrites = this.#writes;
      this.keepAlive(clock, everyMs);
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
