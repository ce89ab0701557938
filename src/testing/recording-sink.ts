import type { Bytes } from '../base/bytes.ts';
import type { FlatHeaders, Sink } from '../gateway/call.ts';

/** What a client saw of its answer. */
export type SeenEnding = 'open' | 'whole' | 'cut';

/** A client that keeps everything it is sent, may be slow, and may leave. */
export class RecordingSink implements Sink {
  status: number | null = null;
  headers: ReadonlyMap<string, string> = new Map();
  trailers: ReadonlyMap<string, string> = new Map();
  body = '';
  ending: SeenEnding = 'open';
  /** How often an answer was begun: once, if the gateway keeps its word. */
  begun = 0;
  /** Whether anything came after the end. */
  spokeAfterEnd = false;
  closed = false;
  blocked = false;
  #leave: (() => void) | null = null;
  #drained: (() => void) | null = null;

  answer(status: number, headers: FlatHeaders, body: Bytes): void {
    this.#begin(status, headers);
    this.body = body;
    this.ending = 'whole';
  }

  open(headers: FlatHeaders): void {
    this.#begin(200, headers);
  }

  write(bytes: Bytes): boolean {
    if (this.ending !== 'open') this.spokeAfterEnd = true;
    this.body += bytes;
    return !this.blocked;
  }

  end(trailers: FlatHeaders): void {
    if (this.ending !== 'open') this.spokeAfterEnd = true;
    this.trailers = pairs(trailers);
    this.ending = 'whole';
  }

  cut(): void {
    if (this.ending === 'open') this.ending = 'cut';
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#leave = listener;
  }

  /** The client goes away. */
  leave(): void {
    if (this.closed || this.ending !== 'open') return;
    this.closed = true;
    this.#leave?.();
  }

  /** The client stops reading; `drain` lets it go on. */
  block(): void {
    this.blocked = true;
  }

  drain(): void {
    this.blocked = false;
    const listener = this.#drained;
    this.#drained = null;
    listener?.();
  }

  #begin(status: number, headers: FlatHeaders): void {
    this.begun += 1;
    this.status = status;
    this.headers = pairs(headers);
  }
}

function pairs(flat: FlatHeaders): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(flat[i] ?? '', flat[i + 1] ?? '');
  return map;
}
