import { EMPTY_BYTES, type Bytes } from '../../base/bytes.ts';
import { brandText } from '../../base/brand.ts';
import { unreachable } from '../../base/assert.ts';
import type { Headers } from '../../spec/wire.ts';
import { parseChunkSize, parseTrailer } from './chunked.ts';
import type { Refusal } from './failure.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';

/** Who hears what the parser finds. `onMessageEnd` and `onMalformed` are always the parser's last act on a message. */
export interface ResponseSink {
  onMessageHead(status: number, headers: Headers): void;
  onMessageData(bytes: Bytes): void;
  onMessageEnd(outcome: MessageOutcome): void;
  onMalformed(refusal: Refusal): void;
}

/** What a complete answer says about the connection it came on. */
export interface MessageOutcome {
  readonly reusable: boolean;
  readonly keepAliveMs: number | null;
}

/**
 * States: `idle` between messages; `head` from the request on; then one of the bodies (`length`, `until-close`, or
 * `chunk-size` → `chunk-data` → `chunk-end` round and round until `trailer`); `over` when complete, and after `stop`.
 */
type State =
  | 'idle'
  | 'head'
  | 'length'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailer'
  | 'over';

/**
 * An incremental parser of HTTP/1 answers, one for the life of a connection. It works on byte strings, so a body piece is
 * a slice of what the socket delivered, without a copy. Pieces of one read are handed on together: one read, one write.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  #state: State = 'idle';
  #bodyless = false;
  #head: ResponseHead | null = null;
  /** Whether any byte of the present answer has come. */
  #started = false;
  #informational = 0;
  /** Bytes of a line or head that is not complete yet. */
  #pending = '';
  /** The text under way and the place in it. */
  #text = '';
  #at = 0;
  /** How far of `#pending` was searched for the end of the head. */
  #searched = 0;
  /** Bytes still to come of the body or chunk. */
  #remaining = 0;
  /** Bytes spent on chunk extensions and trailers. */
  #overhead = 0;
  #data = '';

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Whether any byte of the present answer has come. */
  get started(): boolean {
    return this.#started;
  }

  /** Expects an answer; one to HEAD has no body. */
  begin(method: string): void {
    this.#reset('head');
    this.#bodyless = method === 'HEAD';
  }

  /** Forgets the present answer; what still comes is thrown away. */
  stop(): void {
    this.#reset('over');
  }

  /** Takes what the socket delivered. Bytes that nobody asked for are malformed: they could answer the next request. */
  push(text: string): void {
    if (this.#state === 'over') return;
    if (this.#state === 'idle') {
      this.#malformed('bytes came that answer no request');
      return;
    }
    this.#started = true;
    this.#text = this.#pending === '' ? text : this.#pending + text;
    this.#pending = '';
    this.#at = 0;
    while (this.#step());
    if (this.#isOver()) this.#finish();
    else {
      this.#flush();
      this.#keepRest();
    }
  }

  /** The other side has sent its last byte. False where that cuts the answer short. */
  eof(): boolean {
    if (this.#state !== 'until-close') return false;
    this.#state = 'over';
    this.#finish();
    return true;
  }

  /** Parses one element; false when more bytes are needed or nothing is left to do. */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'length':
        return this.#readData('over');
      case 'chunk-data':
        return this.#readData('chunk-end');
      case 'chunk-size':
        return this.#readChunkSize();
      case 'chunk-end':
        return this.#readChunkEnd();
      case 'trailer':
        return this.#readTrailer();
      case 'until-close':
        this.#data = this.#text.slice(this.#at);
        this.#at = this.#text.length;
        return false;
      case 'idle':
      case 'over':
        return false;
      default:
        return unreachable(this.#state);
    }
  }

  /** Asked after steps that change the state, which the compiler cannot see. */
  #isOver(): boolean {
    return this.#state === 'over';
  }

  #readHead(): boolean {
    const text = this.#text;
    const start = this.#at;
    const prefix = text.slice(start, start + HTTP.length);
    if (!HTTP.startsWith(prefix)) return this.#malformed('it does not begin like HTTP/1');
    const end = text.indexOf('\r\n\r\n', start + this.#searched);
    const length = (end === -1 ? text.length : end) - start;
    if (length > HEAD_BYTES_MAX)
      return this.#refuse('too-large', `the head is longer than ${HEAD_BYTES_MAX} bytes`);
    if (end === -1) {
      this.#searched = Math.max(0, length - 3);
      return false;
    }
    this.#searched = 0;
    this.#at = end + 4;
    const head = parseResponseHead(text.slice(start, end));
    if (typeof head === 'string') return this.#malformed(head);
    return head.status < 200 ? this.#skipInformational(head) : this.#startBody(head);
  }

  /** RFC 9110 15.2: any number of them may come; a few is plenty. We never ask to switch protocols. */
  #skipInformational(head: ResponseHead): boolean {
    this.#informational += 1;
    if (head.status === 101) return this.#malformed('it switches to a protocol that was not asked for');
    if (head.chunked || head.contentLength !== null) return this.#malformed('an interim answer has a body');
    if (this.#informational > INFORMATIONAL_MAX) return this.#malformed('it has too many interim answers');
    return true;
  }

  /** RFC 9112 6.3, in its order. */
  #startBody(head: ResponseHead): boolean {
    const empty = head.status === 204 || head.status === 304;
    // RFC 9112 6.1 forbids it for 204; in both cases the two sides might disagree where the answer ends.
    if (empty && head.chunked) return this.#malformed('it has no content, yet a transfer coding');
    this.#head = head;
    this.#state = this.#bodyState(head);
    this.#remaining = head.contentLength ?? 0;
    this.#sink.onMessageHead(head.status, head.headers);
    return this.#state !== 'over';
  }

  #bodyState(head: ResponseHead): State {
    if (this.#bodyless || head.status === 204 || head.status === 304) return 'over';
    if (head.chunked) return 'chunk-size';
    if (head.contentLength === null) return 'until-close';
    return head.contentLength === 0 ? 'over' : 'length';
  }

  #readData(next: State): boolean {
    const available = this.#text.length - this.#at;
    if (available === 0) return false;
    const size = Math.min(available, this.#remaining);
    const piece = size === this.#text.length ? this.#text : this.#text.slice(this.#at, this.#at + size);
    this.#data = this.#data === '' ? piece : this.#data + piece;
    this.#at += size;
    this.#remaining -= size;
    if (this.#remaining > 0) return false;
    this.#state = next;
    return next !== 'over';
  }

  #readChunkSize(): boolean {
    const line = this.#readLine(CHUNK_LINE_BYTES_MAX);
    if (line === null) return false;
    const size = parseChunkSize(line);
    if (size === null) return this.#malformed('a chunk size is not a plain hexadecimal number');
    const extension = line.indexOf(';');
    // Extensions are legal, but a body of little else is an attack (CVE-2024-22019).
    if (extension !== -1) this.#overhead += line.length - extension;
    if (this.#overhead > OVERHEAD_BYTES_MAX) return this.#malformed('its chunk extensions are too long');
    this.#remaining = size;
    this.#state = size === 0 ? 'trailer' : 'chunk-data';
    return true;
  }

  #readChunkEnd(): boolean {
    const at = this.#at;
    if (this.#text.length - at < 2)
      return this.#text.length - at === 1 && this.#text[at] !== '\r' ? this.#badEnd() : false;
    if (this.#text.charCodeAt(at) !== CR || this.#text.charCodeAt(at + 1) !== LF) return this.#badEnd();
    this.#at = at + 2;
    this.#state = 'chunk-size';
    return true;
  }

  #badEnd(): boolean {
    return this.#malformed('a chunk is longer than its size');
  }

  #readTrailer(): boolean {
    const line = this.#readLine(TRAILER_BYTES_MAX);
    if (line === null) return false;
    if (line === '') {
      this.#state = 'over';
      return false;
    }
    this.#overhead += line.length + 2;
    if (this.#overhead > OVERHEAD_BYTES_MAX) return this.#malformed('its trailers are too long');
    const problem = parseTrailer(line);
    return problem === null ? true : this.#malformed(problem);
  }

  /** The next line without its end, null while it is not complete or when it was too long. */
  #readLine(bytesMax: number): string | null {
    const end = this.#text.indexOf('\r\n', this.#at);
    const length = (end === -1 ? this.#text.length : end) - this.#at;
    if (length > bytesMax) {
      this.#malformed('a line of its chunked body is too long');
      return null;
    }
    if (end === -1) return null;
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #flush(): void {
    if (this.#data === '') return;
    const data = brandText<Bytes>(this.#data);
    this.#data = EMPTY_BYTES;
    this.#sink.onMessageData(data);
  }

  #keepRest(): void {
    this.#pending = this.#at < this.#text.length ? this.#text.slice(this.#at) : '';
    this.#text = '';
    this.#at = 0;
  }

  /** Hands on the last bytes and the end. A handler may have stopped the parser in the meantime. */
  #finish(): void {
    const head = this.#head;
    if (head === null) return;
    const unasked = this.#at < this.#text.length;
    const framed = this.#bodyless || hasKnownEnd(head);
    this.#flush();
    // The handler may have given up while it heard the last bytes.
    if (this.#head !== head) return;
    this.#reset('idle');
    this.#sink.onMessageEnd({
      reusable: head.keepAlive && framed && !unasked,
      keepAliveMs: head.keepAliveMs,
    });
  }

  #malformed(message: string): boolean {
    return this.#refuse('malformed', message);
  }

  /** Hands on what was sound, then refuses the rest. Always false: nothing more is parsed. */
  #refuse(type: Refusal['type'], message: string): boolean {
    this.#flush();
    this.#reset('over');
    this.#sink.onMalformed({ type, message: `The answer is malformed: ${message}.` });
    return false;
  }

  #reset(state: State): void {
    this.#state = state;
    this.#bodyless = false;
    this.#head = null;
    this.#started = false;
    this.#informational = 0;
    this.#pending = '';
    this.#text = '';
    this.#at = 0;
    this.#searched = 0;
    this.#remaining = 0;
    this.#overhead = 0;
    this.#data = '';
  }
}

/** Whether both sides agree where the answer ends: not for one that ends with the connection, nor a 204 with a body. */
function hasKnownEnd(head: ResponseHead): boolean {
  if (head.status === 204) return (head.contentLength ?? 0) === 0;
  return head.status === 304 || head.chunked || head.contentLength !== null;
}

const HTTP = 'HTTP/1.';
const CR = 0x0d;
const LF = 0x0a;
/** Longest head; Node's own default is 16 KB, some gateways send long cookies and policies. */
const HEAD_BYTES_MAX = 65_536;
const INFORMATIONAL_MAX = 8;
const CHUNK_LINE_BYTES_MAX = 256;
const TRAILER_BYTES_MAX = 8192;
const OVERHEAD_BYTES_MAX = 16_384;
