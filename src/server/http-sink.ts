import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Bytes } from '../base/bytes.ts';
import type { FlatHeaders, Sink } from '../gateway/call.ts';

const STREAM_HEADERS = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-cache, no-transform',
  'x-accel-buffering',
  'no',
] as const;

const CHUNKED = ['transfer-encoding', 'chunked'] as const;

const JSON_TYPE = ['content-type', 'application/json'] as const;

/** Whether the server is about to close: answers are then the last of their connections. */
export interface Retirement {
  retired: boolean;
}

/**
 * The way back to an HTTP client. Whole answers leave as one write of head and body together. Streams frame their own
 * chunks: a piece is one string and one write, where Node's framing would make four.
 */
export class HttpSink implements Sink {
  readonly #response: ServerResponse;
  readonly #retirement: Readonly<Retirement>;
  /** HTTP/1.0 knows no chunks: there a stream ends with the connection. */
  readonly #chunked: boolean;
  #socket: Socket | null = null;
  #opened = false;
  #ended = false;
  #drained: (() => void) | null = null;
  blocked = false;

  constructor(response: ServerResponse, retirement: Readonly<Retirement>) {
    this.#response = response;
    this.#retirement = retirement;
    this.#chunked = response.req.httpVersion !== '1.0';
  }

  get closed(): boolean {
    return this.#response.destroyed || (this.#response.socket?.destroyed ?? this.#response.writableFinished);
  }

  answer(status: number, headers: FlatHeaders, body: Bytes): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#retirement.retired) this.#response.shouldKeepAlive = false;
    const length = String(body.length);
    const type = headers.includes('content-type') ? [] : JSON_TYPE;
    this.#response.writeHead(status, [...type, 'content-length', length, ...headers]);
    this.#response.end(body, 'latin1');
  }

  open(headers: FlatHeaders): void {
    if (this.#ended || this.#opened) return;
    this.#opened = true;
    const response = this.#response;
    if (this.#retirement.retired) response.shouldKeepAlive = false;
    response.writeHead(200, [...STREAM_HEADERS, ...(this.#chunked ? CHUNKED : []), ...headers]);
    // From here on the chunks are framed below, not by Node.
    this.#socket = response.socket;
    this.#socket?.cork();
    response.flushHeaders();
    response.chunkedEncoding = false;
    queueMicrotask(() => this.#socket?.uncork());
  }

  write(bytes: Bytes): boolean {
    if (this.#ended || bytes === '') return true;
    const chunk = this.#chunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n` : bytes;
    const socket = this.#socket;
    // A response that waits its turn behind another on the same connection has no socket yet: Node queues for it.
    const flows = socket === null ? this.#response.write(chunk, 'latin1') : socket.write(chunk, 'latin1');
    if (!flows) this.#awaitDrain();
    return flows;
  }

  end(trailers: FlatHeaders): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#chunked) {
      this.#response.end();
      return;
    }
    let last = '0\r\n';
    for (let i = 0; i + 1 < trailers.length; i += 2) last += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
    this.#response.end(`${last}\r\n`, 'latin1');
  }

  cut(): void {
    this.#ended = true;
    const socket = this.#socket ?? this.#response.socket;
    // What was written before must still arrive: the reset follows the flush, never overtakes it.
    if (socket === null) this.#response.destroy();
    else socket.destroySoon();
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#response.on('close', () => {
      if (!this.#ended) listener();
    });
  }

  #awaitDrain(): void {
    if (this.blocked) return;
    this.blocked = true;
    (this.#socket ?? this.#response).once('drain', () => {
      this.blocked = false;
      const listener = this.#drained;
      this.#drained = null;
      listener?.();
    });
  }
}
