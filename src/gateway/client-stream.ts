import { textToBytes, type Bytes } from '../base/bytes.ts';
import type { Attempt } from '../spec/attempt.ts';
import type { Clock, Timer } from '../spec/ports.ts';
import { answerHeaders } from './answer-headers.ts';
import type { FlatHeaders, Sink } from './call.ts';
import type { RequestRun } from './request-run.ts';

/** What every API's clients skip: a comment of an event stream. */
const WAITING = textToBytes(': waiting\n\n');

/**
 * The client's stream over all attempts of a request: opened once, fed in whole events. While there is nothing to tell for
 * a while it gets a comment, so that nobody between closes the connection; a stream that nobody has begun to answer by then
 * is opened for it, and a failure after that can only be told inside the stream.
 */
export class ClientStream {
  readonly #sink: Sink;
  readonly #run: RequestRun;
  #opened = false;
  #writes = 0;
  #seenWrites = 0;
  #timer: Timer | null = null;

  constructor(run: RequestRun) {
    this.#run = run;
    this.#sink = run.call.sink;
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

  /** Opens the stream for the answer of an attempt. */
  openFor({ target, upstreamRequestId, warnings, number: attempts }: Attempt): void {
    const source = { target, upstreamRequestId, attempts, warnings, costNanodollars: null };
    this.open(answerHeaders(this.#run, source));
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
        this.open(this.#early());
        this.write(WAITING);
      }
      this.#seenWrites = this.#writes;
      this.keepAlive(clock, everyMs);
    });
  }

  // Nobody has answered yet, so nobody is named.
  #early(): FlatHeaders {
    const attempts = Math.max(1, this.#run.attempts.length);
    return answerHeaders(this.#run, {
      target: null,
      upstreamRequestId: null,
      attempts,
      warnings: [],
      costNanodollars: null,
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
