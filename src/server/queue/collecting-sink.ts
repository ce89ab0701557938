import { brandText } from '../../base/brand.ts';
import { EMPTY_BYTES, type Bytes } from '../../base/bytes.ts';
import type { FlatHeaders, Sink } from '../../gateway/call.ts';

/** An answer that was collected whole; null where it was broken off. */
export interface CollectedAnswer {
  readonly status: number;
  readonly headers: FlatHeaders;
  readonly body: Bytes;
}

/** The way back to nobody: keeps the answer of a call whose client does not wait for it. */
export class CollectingSink implements Sink {
  readonly #done: (answer: CollectedAnswer | null) => void;
  #headers: FlatHeaders = [];
  #body: string = EMPTY_BYTES;
  #leave: (() => void) | null = null;
  closed = false;
  readonly blocked = false;

  constructor(done: (answer: CollectedAnswer | null) => void) {
    this.#done = done;
  }

  answer(status: number, headers: FlatHeaders, body: Bytes): void {
    this.#done({ status, headers, body });
  }

  open(headers: FlatHeaders): void {
    this.#headers = headers;
  }

  write(bytes: Bytes): boolean {
    this.#body += bytes;
    return true;
  }

  end(): void {
    this.#done({ status: 200, headers: this.#headers, body: brandText<Bytes>(this.#body) });
  }

  cut(): void {
    this.#done(null);
  }

  onDrain(): void {
    // It is never full.
  }

  onClose(listener: () => void): void {
    this.#leave = listener;
  }

  /** Gives the call up, as a client does that goes away. */
  leave(): void {
    if (this.closed) return;
    this.closed = true;
    this.#leave?.();
  }
}
