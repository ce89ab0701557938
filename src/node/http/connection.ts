import type { Socket } from 'node:net';
import { classifyHost, mayConnect } from '../../base/address.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Headers } from '../../spec/wire.ts';
import type { Call, CallHolder } from './call.ts';
import { BLOCKED_ADDRESS, classifySocketError, type ConnectionPhase, type Refusal } from './failure.ts';
import { openSocket, type SocketOptions } from './open-socket.ts';
import { codedError } from './resolve.ts';
import { ResponseParser, type MessageOutcome, type ResponseSink } from './response-parser.ts';
import type { Target } from './target.ts';

/** The pool, as a connection sees it. */
export interface ConnectionOwner {
  /** The connection is free for another call, for at most the time the server announced. */
  onFree(connection: Connection, keepAliveMs: number | null): void;
  /** The call met a kept connection that was closed before any byte of an answer came. */
  onStale(call: Call): void;
  onClosed(connection: Connection): void;
  onSession(session: Buffer): void;
}

/** Shared by all connections of a transport; see `SocketOptions`. */
export type ConnectionOptions = Omit<SocketOptions, 'onRead' | 'session'> & { readonly buffer: Buffer };

/**
 * One connection to a provider. It carries one call at a time: never pipelined, so a slow answer blocks nobody, and an
 * answer can only belong to the request before it. A connection about which anything is doubtful is closed, not kept.
 */
export class Connection implements CallHolder, ResponseSink {
  /** Until when, by the monotonic clock, it may be used again. */
  idleUntilMs = 0;
  readonly #owner: ConnectionOwner;
  readonly #target: Target;
  readonly #buffer: Buffer;
  readonly #socket: Socket;
  readonly #parser: ResponseParser;
  #phase: ConnectionPhase = 'connecting';
  #call: Call | null;
  #reused = false;
  #error: Error | null = null;
  /** The part of a large request body that is not written yet. */
  #unsent = '';

  /** Opens the connection for this call. */
  constructor(owner: ConnectionOwner, call: Call, options: ConnectionOptions, session: Buffer | undefined) {
    this.#owner = owner;
    this.#target = call.target;
    this.#call = call;
    this.#buffer = options.buffer;
    this.#parser = new ResponseParser(this);
    call.holder = this;
    this.#socket = openSocket(call.target, {
      ...options,
      session,
      onRead: (sizeBytes) => this.#onRead(sizeBytes),
    });
    this.#listen();
  }

  /** Whether the socket still looks alive. */
  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** Carries another call on a connection that was free. */
  carry(call: Call): void {
    this.#call = call;
    this.#reused = true;
    call.holder = this;
    this.#socket.ref();
    this.#sendRequest(call);
  }

  close(): void {
    this.#parser.stop();
    this.#socket.destroy();
  }

  /** Ends the call under way, if there is one, and closes. */
  shutDown(): void {
    const call = this.#call;
    this.#call = null;
    if (call !== null) call.holder = null;
    this.close();
    call?.fail({ type: 'reset', message: 'The gateway closed the connection because it is shutting down.' });
  }

  pauseCall(call: Call): void {
    if (this.#call === call && this.#phase === 'ready') this.#socket.pause();
  }

  resumeCall(call: Call): void {
    if (this.#call === call && this.#phase === 'ready') this.#socket.resume();
  }

  abandonCall(call: Call): void {
    if (this.#call !== call) return;
    this.#call = null;
    this.close();
  }

  onMessageHead(status: number, headers: Headers): void {
    this.#call?.deliverHead(status, headers);
  }

  onMessageData(bytes: Bytes): void {
    this.#call?.deliverData(bytes);
  }

  onMessageEnd(outcome: MessageOutcome): void {
    const call = this.#call;
    this.#call = null;
    if (outcome.reusable && this.#unsent === '' && this.#socket.writableLength === 0 && this.usable) {
      if (this.#socket.isPaused()) this.#socket.resume();
      this.#socket.unref();
      this.#owner.onFree(this, outcome.keepAliveMs);
    } else this.close();
    call?.deliverEnd();
  }

  onMalformed(refusal: Refusal): void {
    const call = this.#call;
    this.#call = null;
    this.close();
    if (call === null) return;
    call.holder = null;
    call.fail(refusal);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.once('connect', () => this.#onConnect());
    if (this.#target.secure) {
      socket.once('secureConnect', () => this.#onReady());
      socket.on('session', (session: Buffer) => this.#owner.onSession(session));
    }
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('end', () => this.#onEof());
    socket.on('close', () => this.#onClose());
  }

  /** The addresses were checked when the name was resolved; this checks where the socket really ended up. */
  #onConnect(): void {
    const address = this.#socket.remoteAddress;
    // Without an address the peer is gone already, which the next event tells.
    if (address !== undefined && !mayConnect(classifyHost(address), this.#target.allowPrivate)) {
      this.#socket.destroy(codedError(BLOCKED_ADDRESS, 'connected to a blocked address'));
      return;
    }
    if (this.#target.secure) this.#phase = 'handshake';
    else this.#onReady();
  }

  #onReady(): void {
    this.#phase = 'ready';
    if (this.#call === null) this.close();
    else this.#sendRequest(this.#call);
  }

  /** Head and body in one piece where that is small: one system call, and often one packet. */
  #sendRequest(call: Call): void {
    const { body } = call;
    this.#parser.begin(call.method);
    call.awaitHead();
    if (call.paused) this.#socket.pause();
    if (body.length <= PIECE_BYTES) {
      this.#socket.write(call.head + body, 'latin1');
      return;
    }
    this.#socket.write(call.head, 'latin1');
    this.#unsent = body;
    this.#sendRest();
  }

  /** Large bodies go in pieces, so that not all of them is copied into the socket's queue at once. */
  #sendRest(): void {
    while (this.#unsent !== '' && !this.#socket.destroyed) {
      const piece = this.#unsent.slice(0, PIECE_BYTES);
      this.#unsent = this.#unsent.slice(PIECE_BYTES);
      if (this.#socket.write(piece, 'latin1')) continue;
      this.#socket.once('drain', () => this.#sendRest());
      return;
    }
  }

  #onRead(sizeBytes: number): boolean {
    this.#parser.push(this.#buffer.toString('latin1', 0, sizeBytes));
    return true;
  }

  #onEof(): void {
    if (this.#parser.eof()) return;
    this.#loseCall();
    this.close();
  }

  #onClose(): void {
    this.#loseCall();
    this.#owner.onClosed(this);
  }

  /** The connection is gone with a call on it. */
  #loseCall(): void {
    const call = this.#call;
    if (call === null) return;
    this.#call = null;
    call.holder = null;
    const { started } = this.#parser;
    this.#parser.stop();
    const refusal = classifySocketError(this.#error, this.#phase, this.#target.host);
    if (started && this.#error === null) {
      call.fail({
        type: 'truncated',
        message: `${this.#target.host} closed the connection within its answer.`,
      });
    } else if (this.#reused && !started && !call.retried && this.#phase === 'ready') {
      // The server closed an idle connection while the request was on its way; it has not read it.
      call.retried = true;
      this.#owner.onStale(call);
    } else call.fail(refusal);
  }
}

/** Up to this size a request is one text; beyond it, pieces of this size. */
const PIECE_BYTES = 65_536;
