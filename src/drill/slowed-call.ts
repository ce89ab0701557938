import { brandText } from '../base/brand.ts';
import { EMPTY_BYTES, type Bytes } from '../base/bytes.ts';
import type { Clock, Timer, Transport } from '../spec/ports.ts';
import type { Headers, TransportFailure, WireCall, WireHandler, WireRequest } from '../spec/wire.ts';

/** How a real answer is slowed down. */
export interface Slowness {
  readonly delayMs: number;
  /** Bytes that pass after each delay; null: one delay before the first byte, and then all of it as it comes. */
  readonly bytesAtOnce: number | null;
}

/**
 * A real call whose body is held back. What is held is bounded: the provider is told to pause with the first byte that
 * has to wait.
 */
export class SlowedCall implements WireCall, WireHandler {
  readonly #handler: WireHandler;
  readonly #clock: Clock;
  readonly #slowness: Slowness;
  #call: WireCall | null = null;
  #timer: Timer | null = null;
  #held: Bytes = EMPTY_BYTES;
  /** How the real answer ended while a part of it was held: null not yet, `end` well. */
  #ending: TransportFailure | 'end' | null = null;
  #free = false;
  #paused = false;
  /** A delay is over, but the reader wants nothing at present. */
  #due = false;
  #over = false;

  constructor(handler: WireHandler, clock: Clock, slowness: Slowness) {
    this.#handler = handler;
    this.#clock = clock;
    this.#slowness = slowness;
  }

  start(request: WireRequest, inner: Transport): void {
    this.#call = inner.send(request, this);
  }

  pause(): void {
    this.#paused = true;
    this.#call?.pause();
  }

  resume(): void {
    if (this.#over) return;
    this.#paused = false;
    if (this.#due) this.#release();
    else if (this.#held === '') this.#call?.resume();
  }

  abort(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#call?.abort();
  }

  onHead(status: number, headers: Headers): void {
    if (!this.#over) this.#handler.onHead(status, headers);
  }

  onData(bytes: Bytes): void {
    if (this.#over) return;
    if (this.#free) {
      this.#handler.onData(bytes);
      return;
    }
    this.#held = brandText<Bytes>(this.#held + bytes);
    this.#call?.pause();
    if (this.#timer === null && !this.#due) this.#wait();
  }

  onEnd(): void {
    this.#end('end');
  }

  onFail(failure: TransportFailure): void {
    this.#end(failure);
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#slowness.delayMs, () => {
      this.#timer = null;
      if (this.#paused) this.#due = true;
      else this.#release();
    });
  }

  #release(): void {
    this.#due = false;
    const { bytesAtOnce } = this.#slowness;
    const bytes = brandText<Bytes>(this.#held.slice(0, bytesAtOnce ?? this.#held.length));
    this.#held = brandText<Bytes>(this.#held.slice(bytes.length));
    this.#free = bytesAtOnce === null;
    this.#handler.onData(bytes);
    if (this.#over) return;
    if (this.#held !== '') this.#wait();
    else if (this.#ending !== null) this.#end(this.#ending);
    else if (!this.#paused) this.#call?.resume();
  }

  #end(ending: TransportFailure | 'end'): void {
    if (this.#over) return;
    this.#ending = ending;
    if (this.#held !== '') return;
    this.#over = true;
    if (ending === 'end') this.#handler.onEnd();
    else this.#handler.onFail(ending);
  }
}
