import { bytesToArray, type Bytes } from '../base/bytes.ts';
import type { FlatHeaders, Sink } from '../gateway/call.ts';

/** Most bytes of a stream that wait for their reader before the provider is asked to pause. */
const WAITING_BYTES_MAX = 64 * 1024;

/** The way back as a Fetch `Response`: for runtimes that serve with Fetch handlers, and for SDKs inside the same process. */
export class FetchSink implements Sink {
  readonly response: Promise<Response>;
  #resolve: (response: Response) => void = () => {};
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #ended = false;
  #left: (() => void) | null = null;
  #drained: (() => void) | null = null;
  closed = false;
  blocked = false;

  constructor() {
    this.response = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  answer(status: number, headers: FlatHeaders, body: Bytes): void {
    if (this.#ended) return;
    this.#ended = true;
    const bytes = new Uint8Array(bytesToArray(body));
    this.#resolve(new Response(bytes, { status, headers: fetchHeaders(headers, 'application/json') }));
  }

  open(headers: FlatHeaders): void {
    if (this.#controller !== null) return;
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#drain(),
        cancel: () => this.leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES_MAX }),
    );
    this.#resolve(
      new Response(stream, { headers: fetchHeaders(headers, 'text/event-stream; charset=utf-8') }),
    );
  }

  write(bytes: Bytes): boolean {
    if (this.#ended || this.#controller === null) return true;
    this.#controller.enqueue(bytesToArray(bytes));
    this.blocked = (this.#controller.desiredSize ?? 1) <= 0;
    return !this.blocked;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#controller?.close();
  }

  cut(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#controller?.error(new TypeError('the answer was cut off; its last event says why'));
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#left = listener;
  }

  /** The reader went away. */
  leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.closed = true;
    this.#left?.();
  }

  #drain(): void {
    this.blocked = false;
    const listener = this.#drained;
    this.#drained = null;
    listener?.();
  }
}

function fetchHeaders(flat: FlatHeaders, contentType: string): Headers {
  const headers = new Headers({ 'content-type': contentType });
  for (let i = 0; i + 1 < flat.length; i += 2) headers.set(flat[i] ?? '', flat[i + 1] ?? '');
  return headers;
}
