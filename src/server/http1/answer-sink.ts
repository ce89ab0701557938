import type { Bytes } from '../../base/bytes.ts';
import type { FlatHeaders, Sink } from '../../gateway/call.ts';
import type { AnswerHeads } from './answer-head.ts';
import type { RequestHead } from './request-head.ts';

/** The connection, as the answer to one of its requests sees it. */
export interface AnswerWriter {
  readonly heads: AnswerHeads;
  /** Whether the request under way is the connection's last; asked when the head of its answer is written. */
  readonly isLast: boolean;
  /** Writes; false asks to wait until `drained` is called. */
  send(text: string): boolean;
  /** Writes the last of the answer and goes on to the next request, or closes. */
  finish(text: string, persistence: 'keep-alive' | 'close'): void;
  /** Closes once what was written has left, so that the client sees that the answer is not whole. */
  breakOff(text: string, way: 'close' | 'reset'): void;
}

/**
 * The way back to the client for one request. A new one for each request, so that code which is late can never write into
 * the answer to the next. A whole answer is one text and one write, and so is each piece of a stream.
 *
 * States: `waiting`; `open` while a stream runs; `ended` when all is written, cut off, or the client has left.
 */
export class AnswerSink implements Sink {
  blocked = false;
  closed = false;
  readonly #writer: AnswerWriter;
  readonly #headOnly: boolean;
  readonly #chunked: boolean;
  readonly #mayKeepAlive: boolean;
  #state: 'waiting' | 'open' | 'ended' = 'waiting';
  #persistence: 'keep-alive' | 'close' = 'close';
  /** The head of a stream until its first piece: they leave together. */
  #unsent = '';
  #drained: (() => void) | null = null;
  #left: (() => void) | null = null;

  constructor(writer: AnswerWriter, head: RequestHead) {
    this.#writer = writer;
    this.#headOnly = head.method === 'HEAD';
    this.#chunked = head.version11;
    this.#mayKeepAlive = head.framing.keepAlive;
  }

  answer(status: number, headers: FlatHeaders, body: Bytes): void {
    if (this.#state === 'open') this.cut();
    if (this.#state !== 'waiting') return;
    const bodyless = status === 204 || status === 304;
    const type = headers.includes('content-type') ? '' : JSON_TYPE;
    const framing = bodyless ? '' : `${type}content-length: ${body.length}\r\n`;
    const head = this.#writeHead(status, framing, headers);
    this.#state = 'ended';
    this.#writer.finish(bodyless || this.#headOnly ? head : head + body, this.#persistence);
  }

  open(headers: FlatHeaders): void {
    if (this.#state !== 'waiting') return;
    this.#unsent = this.#writeHead(200, this.#chunked ? CHUNKED_STREAM : STREAM, headers);
    this.#state = 'open';
    queueMicrotask(() => this.#flush());
  }

  write(bytes: Bytes): boolean {
    if (this.#state !== 'open' || bytes === '' || this.#headOnly) return true;
    const piece = this.#chunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n` : bytes;
    this.blocked = !this.#writer.send(this.#withHead(piece));
    return !this.blocked;
  }

  end(trailers: FlatHeaders): void {
    if (this.#state !== 'open') return;
    const last = this.#chunked && !this.#headOnly ? `0\r\n${this.#writer.heads.lines(trailers)}\r\n` : '';
    this.#state = 'ended';
    this.#writer.finish(this.#withHead(last), this.#persistence);
  }

  cut(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    // A stream without chunks ends where the connection does; only a reset tells that this is not its end.
    this.#writer.breakOff(this.#withHead(''), this.#chunked ? 'close' : 'reset');
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#left = listener;
  }

  /** The connection takes more again. */
  drained(): void {
    this.blocked = false;
    const listener = this.#drained;
    this.#drained = null;
    listener?.();
  }

  /** The client went away. */
  leave(): void {
    this.closed = true;
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#unsent = '';
    this.#left?.();
  }

  #writeHead(status: number, framing: string, headers: FlatHeaders): string {
    this.#persistence = this.#mayKeepAlive && !this.#writer.isLast ? 'keep-alive' : 'close';
    return this.#writer.heads.write(status, framing, headers, this.#persistence);
  }

  #withHead(text: string): string {
    if (this.#unsent === '') return text;
    const whole = this.#unsent + text;
    this.#unsent = '';
    return whole;
  }

  #flush(): void {
    if (this.#unsent === '') return;
    this.blocked = !this.#writer.send(this.#withHead(''));
  }
}

const JSON_TYPE = 'content-type: application/json\r\n';
const STREAM =
  'content-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache, no-transform\r\nx-accel-buffering: no\r\n';
const CHUNKED_STREAM = `${STREAM}transfer-encoding: chunked\r\n`;
