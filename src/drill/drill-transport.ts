import type { Transport } from '../spec/ports.ts';
import type { WireCall, WireHandler, WireRequest } from '../spec/wire.ts';

/** What breaks calls while a drill is on: it sends them on, or does to them what the fault does. */
export interface CallBreaker {
  send(request: WireRequest, handler: WireHandler, inner: Transport): WireCall;
}

/**
 * The way to providers with room for faults in front of it. While no drill is on, every call passes untouched and costs
 * one look at a property; nothing of what makes faults is loaded before the first drill.
 */
export class DrillTransport implements Transport {
  readonly #inner: Transport;
  #breaker: CallBreaker | null = null;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** Puts a breaker in front of all calls from now on, or with null takes it away; calls under way keep what they have. */
  breakWith(breaker: CallBreaker | null): void {
    this.#breaker = breaker;
  }

  send(request: WireRequest, handler: WireHandler): WireCall {
    return this.#breaker === null
      ? this.#inner.send(request, handler)
      : this.#breaker.send(request, handler, this.#inner);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
