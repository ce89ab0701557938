import type { Transport } from '../spec/ports.ts';
import type { TransportFailure, WireCall, WireHandler, WireRequest } from '../spec/wire.ts';

/** How long a receiver may take to connect, and then to answer. */
export const POST_TIMEOUT_MS = 15_000;

/** A request under way. */
export interface Posting {
  /** Null where the answer was 2xx, otherwise what went wrong. */
  readonly done: Promise<string | null>;
  abort(): void;
}

/** Sends a request of which only the status of the answer matters. */
export function postOnce(transport: Pick<Transport, 'send'>, request: WireRequest): Posting {
  const handler = new StatusHandler();
  handler.call = transport.send(request, handler);
  return handler;
}

class StatusHandler implements WireHandler, Posting {
  readonly done: Promise<string | null>;
  #resolve: (problem: string | null) => void = () => {};
  call: WireCall | null = null;

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  abort(): void {
    this.#resolve('The gateway was stopped meanwhile.');
    this.call?.abort();
  }

  onHead(status: number): void {
    const taken = status >= 200 && status <= 299;
    this.#resolve(taken ? null : `The webhook answered with the status ${status}.`);
    // Its body is nobody's business, and may be endless.
    this.call?.abort();
  }

  onData(): void {
    // Nothing is read.
  }

  onEnd(): void {
    // The head said everything.
  }

  onFail({ message }: TransportFailure): void {
    this.#resolve(`The webhook cannot be reached: ${message}`);
  }
}
