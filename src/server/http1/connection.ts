import type { Socket } from 'node:net';
import { unreachable } from '../../base/assert.ts';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import { GatewayError, type ErrorKind } from '../../spec/error.ts';
import type { Router } from '../router.ts';
import { unreadableAnswer, type Refusal } from '../unreadable.ts';
import type { AnswerHeads } from './answer-head.ts';
import { AnswerSink, type AnswerWriter } from './answer-sink.ts';
import { ReceivedRequest } from './received-request.ts';
import type { RequestHead } from './request-head.ts';
import { RequestParser } from './request-parser.ts';

/** What the connections of a server share. */
export interface ConnectionContext {
  readonly router: Router;
  readonly heads: AnswerHeads;
  readonly limits: ConnectionLimits;
  /** Whether the server is closing: answers are the last of their connections. */
  readonly draining: boolean;
  monotonicMs(): number;
  closed(connection: Connection): void;
}

export interface ConnectionLimits {
  readonly bodyBytesMax: number;
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly keepAliveMs: number;
}

/**
 * One connection of a client. Requests are served one at a time, in order; what is sent ahead waits in the parser, and
 * beyond a little of it the socket is not read.
 *
 * States: `reading` between requests and while one arrives; `serving` from a whole request to the end of its answer;
 * `closing` when the last answer is written. The socket's `close` ends all of them. A client that ends its side while it
 * is being served has left, as for node:http: a connection that was closed and one that was half closed look alike, and
 * working for nobody costs money.
 */
export class Connection implements AnswerWriter {
  readonly heads: AnswerHeads;
  readonly #context: ConnectionContext;
  readonly #socket: Socket;
  readonly #parser: RequestParser;
  readonly #address: string;
  #state: 'reading' | 'serving' | 'closing' = 'reading';
  /** When the present state, or the request that arrives, began. */
  #sinceMs: number;
  #sink: AnswerSink | null = null;
  #served = false;
  #refused = false;
  #advancing = false;

  constructor(context: ConnectionContext, socket: Socket) {
    this.#context = context;
    this.heads = context.heads;
    this.#socket = socket;
    this.#parser = new RequestParser(context.limits.bodyBytesMax);
    this.#address = socket.remoteAddress ?? '';
    this.#sinceMs = context.monotonicMs();
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('end', () => this.#onEnd());
    // Whatever the error is, `close` follows and says the same.
    socket.on('error', ignore);
    socket.on('close', () => this.#onClose());
  }

  get isLast(): boolean {
    return this.#refused || this.#context.draining;
  }

  send(text: string): boolean {
    return this.#socket.write(text, 'latin1');
  }

  finish(text: string, persistence: 'keep-alive' | 'close'): void {
    this.#sink = null;
    this.#served = true;
    if (text !== '') this.#socket.write(text, 'latin1');
    if (persistence === 'close') {
      this.#close();
      return;
    }
    this.#enter('reading');
    // Told to close while the head of a stream that promised more had left already.
    if (this.#context.draining && this.#parser.empty) this.#close();
    else this.#advance();
  }

  breakOff(text: string, way: 'close' | 'reset'): void {
    this.#sink = null;
    if (way === 'reset') this.#socket.write(text, 'latin1', () => this.#socket.resetAndDestroy());
    else if (text !== '') this.#socket.write(text, 'latin1');
    this.#enter('closing');
    if (way === 'close') this.#socket.destroySoon();
  }

  /** Closes what is idle, or sees to it that the answer under way is the last. A new connection may still send its request. */
  drain(): void {
    if (this.#served && this.#state === 'reading' && this.#parser.empty) this.#close();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends what takes too long. Called now and then for all connections, instead of a timer for each. */
  checkTime(nowMs: number): void {
    const waitedMs = nowMs - this.#sinceMs;
    switch (this.#state) {
      case 'serving':
        return;
      case 'closing':
        if (waitedMs >= this.#lingerMs()) this.#socket.destroy();
        return;
      case 'reading':
        if (this.#socket.writableLength > 0) {
          if (waitedMs >= UNREAD_MS) this.#socket.destroy();
        } else if (this.#parser.empty) this.#checkIdle(waitedMs);
        else this.#checkArrival(waitedMs);
        return;
      default:
        unreachable(this.#state);
    }
  }

  /** Refusals are short: they are not waited for. */
  #lingerMs(): number {
    return this.#refused || this.#socket.writableLength === 0 ? LINGER_MS : UNREAD_MS;
  }

  #checkIdle(waitedMs: number): void {
    const { keepAliveMs, headTimeoutMs } = this.#context.limits;
    // The client may send until the announced time; what it sends last needs a moment to arrive.
    const freshMs = this.#context.draining ? Math.min(FRESH_MS, headTimeoutMs) : headTimeoutMs;
    if (waitedMs >= (this.#served ? keepAliveMs + KEEP_ALIVE_GRACE_MS : freshMs)) this.#close();
  }

  #checkArrival(waitedMs: number): void {
    const { bodyTimeoutMs, headTimeoutMs } = this.#context.limits;
    const { head } = this.#parser;
    if (waitedMs < (head === null ? Math.min(headTimeoutMs, bodyTimeoutMs) : bodyTimeoutMs)) return;
    this.#refuse({ status: 408, message: 'The request did not arrive whole in time.' }, head);
  }

  #onData(chunk: string | Buffer): void {
    if (this.#state === 'closing') return;
    if (this.#state === 'reading' && this.#parser.empty) this.#sinceMs = this.#context.monotonicMs();
    this.#parser.push(typeof chunk === 'string' ? chunk : chunk.toString('latin1'));
    if (this.#state === 'reading') this.#advance();
    else if (this.#parser.waitingBytes > WAITING_BYTES_MAX) this.#socket.pause();
  }

  /** Reads and serves requests until more bytes are needed, an answer is under way, or the client does not read. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#state === 'reading' && this.#step());
    this.#advancing = false;
  }

  /** False where something else must happen first. */
  #step(): boolean {
    if (this.#socket.writableNeedDrain) {
      if (this.#parser.waitingBytes > WAITING_BYTES_MAX) this.#socket.pause();
      return false;
    }
    const parsed = this.#parser.read();
    switch (parsed) {
      case 'more':
        if (this.#socket.isPaused()) this.#socket.resume();
        return false;
      case 'continue':
        return this.send('HTTP/1.1 100 Continue\r\n\r\n');
      case 'request':
        this.#serve();
        return true;
      case 'refused':
        this.#refuse(this.#parser.refusal ?? UNREADABLE, this.#parser.head);
        return false;
      default:
        return unreachable(parsed);
    }
  }

  #serve(): void {
    const { head } = this.#parser;
    if (head === null) return;
    this.#state = 'serving';
    const sink = new AnswerSink(this, head);
    this.#sink = sink;
    this.#context.router.route(new ReceivedRequest(head, this.#parser.takeBody(), this.#address, sink));
  }

  /** Answers what cannot be served, and reads no further: in its path's envelope where it has a path. */
  #refuse(refusal: Refusal, head: RequestHead | null): void {
    this.#refused = true;
    const kind = REFUSAL_KINDS.get(refusal.status);
    if (head !== null && kind !== undefined) {
      this.#state = 'serving';
      const sink = new AnswerSink(this, head);
      this.#sink = sink;
      const request = new ReceivedRequest(head, EMPTY_BYTES, this.#address, sink);
      this.#context.router.refuse(request, new GatewayError(kind, refusal.message));
      return;
    }
    this.#socket.write(unreadableAnswer(refusal), 'latin1');
    this.#close();
  }

  #close(): void {
    this.#enter('closing');
    if (this.#socket.isPaused()) this.#socket.resume();
    // Closing with unread bytes in the kernel would reset the connection, and the client might lose the answer.
    if (this.#refused) this.#socket.end();
    else this.#socket.destroySoon();
  }

  #onDrain(): void {
    if (this.#sink !== null) this.#sink.drained();
    else if (this.#state === 'reading') this.#advance();
  }

  #onEnd(): void {
    if (this.#state === 'reading' && !this.#parser.empty && this.#parser.refusal === null) {
      this.#refuse(UNREADABLE, null);
      return;
    }
    this.#leave();
    this.#enter('closing');
    this.#socket.destroySoon();
  }

  #onClose(): void {
    this.#leave();
    this.#state = 'closing';
    this.#context.closed(this);
  }

  #leave(): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.leave();
  }

  #enter(state: 'reading' | 'closing'): void {
    this.#state = state;
    this.#sinceMs = this.#context.monotonicMs();
  }
}

/** Bytes sent ahead of an answer that are kept; beyond them the socket is not read, and only a write notices its end. */
const WAITING_BYTES_MAX = 65_536;
/** Longer than the announced time of idle connections. */
const KEEP_ALIVE_GRACE_MS = 1_000;
/** How long a connection that was made just before the server closes may take to send its request. */
const FRESH_MS = 1_000;
/** How long a refused client may go on sending before it is cut. */
const LINGER_MS = 5_000;
/** How long a whole answer may wait for a client that does not read. */
const UNREAD_MS = 300_000;

const UNREADABLE: Refusal = { status: 400, message: 'The request is not valid HTTP/1.1: it ends too early.' };

const REFUSAL_KINDS: ReadonlyMap<number, ErrorKind> = new Map([
  [408, 'request_timeout'],
  [413, 'payload_too_large'],
]);

function ignore(): void {}
