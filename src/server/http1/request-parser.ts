import { unreachable } from '../../base/assert.ts';
import type { Bytes } from '../../base/bytes.ts';
import { HEAD_BYTES_MAX, type Refusal } from '../unreadable.ts';
import { BodyText } from './body-text.ts';
import { chunkSize, isSoundTrailer } from './chunk-line.ts';
import { hopelessStart, parseRequestHead, type RequestHead } from './request-head.ts';

/**
 * What reading came to: `more` bytes are needed; the client wants to hear `continue` first; a `request` is whole, its
 * `head` is here and its body waits to be taken; or it is `refused` and nothing after it can be understood.
 */
export type Parsed = 'more' | 'continue' | 'request' | 'refused';

/**
 * States: `start` between requests; `head` while one is incomplete; then `length`, or `chunk-size` → `chunk-data` →
 * `chunk-end` round and round until `trailer`; back to `start` when whole. `refused` is never left.
 */
type State = 'start' | 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer' | 'refused';

/**
 * An incremental parser of HTTP/1 requests, one for the life of a connection. It works on byte strings: in the common
 * case a request is one text of which head and body are slices. Bytes of the next request wait inside it.
 */
export class RequestParser {
  /** The request under way, once its head is whole. */
  head: RequestHead | null = null;
  refusal: Refusal | null = null;
  readonly #bodyBytesMax: number;
  #state: State = 'start';
  /** Bytes not yet understood, from `#at` on. */
  #text = '';
  #at = 0;
  /** The end of `#text` in which the end of an incomplete head is still to be looked for. */
  #seam = '';
  #blankLine = false;
  readonly #body = new BodyText();
  /** Bytes still to come of the body or chunk. */
  #remaining = 0;
  /** Bytes spent on chunk extensions and trailers. */
  #overhead = 0;

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** Whether no byte of a next request is here. */
  get empty(): boolean {
    return this.#state === 'start' && this.#at === this.#text.length;
  }

  /** Bytes that wait to be read. */
  get waitingBytes(): number {
    return this.#text.length - this.#at;
  }

  /** Hands over the body of the request that is whole, and forgets body and head: a stream may take minutes. */
  takeBody(): Bytes {
    this.head = null;
    return this.#body.take();
  }

  /** Takes what the socket delivered; after a refusal it is thrown away. */
  push(text: string): void {
    if (this.#state === 'refused') return;
    this.#text = this.waitingBytes === 0 ? text : this.#rest() + text;
    this.#at = 0;
    if (this.#state === 'head') this.#seam += text;
  }

  /** Reads up to the end of one request. */
  read(): Parsed {
    for (;;) {
      const parsed = this.#step();
      if (parsed !== 'again') return parsed;
    }
  }

  #step(): Parsed | 'again' {
    switch (this.#state) {
      case 'start':
        return this.#readStart();
      case 'head':
        return this.#readSlowHead();
      case 'length':
      case 'chunk-data':
        return this.#readData();
      case 'chunk-size':
        return this.#readChunkSize();
      case 'chunk-end':
        return this.#readChunkEnd();
      case 'trailer':
        return this.#readTrailer();
      case 'refused':
        return 'refused';
      default:
        return unreachable(this.#state);
    }
  }

  #readStart(): Parsed | 'again' {
    this.head = null;
    if (this.waitingBytes === 0) return 'more';
    const text = this.#text;
    // RFC 9112 2.2: some clients send an empty line after a body.
    if (text.charCodeAt(this.#at) === CR && !this.#blankLine) {
      if (this.waitingBytes === 1) return 'more';
      if (text.charCodeAt(this.#at + 1) !== LF) return this.#malformed('it begins with a bare CR');
      this.#blankLine = true;
      this.#at += 2;
      return 'again';
    }
    const end = text.indexOf('\r\n\r\n', this.#at);
    if (end !== -1) return this.#takeHead(end);
    const refusal = hopelessStart(this.#rest(), true);
    if (refusal !== null) return this.#refuse(refusal);
    this.#text = this.#rest();
    this.#at = 0;
    this.#seam = this.#text.slice(-SEAM);
    this.#state = 'head';
    return this.#withinHead();
  }

  /** A head that comes in pieces: each is looked at once, so that a client that sends single bytes costs no more. */
  #readSlowHead(): Parsed | 'again' {
    const found = this.#seam.indexOf('\r\n\r\n');
    if (found !== -1) return this.#takeHead(this.#text.length - this.#seam.length + found);
    const refusal = hopelessStart(this.#seam, false);
    if (refusal !== null) return this.#refuse(refusal);
    this.#seam = this.#seam.slice(-SEAM);
    return this.#withinHead();
  }

  #withinHead(): Parsed {
    return this.waitingBytes > HEAD_BYTES_MAX ? this.#refuse(HEAD_TOO_LONG) : 'more';
  }

  #takeHead(end: number): Parsed | 'again' {
    if (end - this.#at > HEAD_BYTES_MAX) return this.#refuse(HEAD_TOO_LONG);
    const head = parseRequestHead(this.#text.slice(this.#at, end));
    this.#at = end + 4;
    this.#seam = '';
    if ('status' in head) return this.#refuse(head);
    this.head = head;
    return this.#startBody(head);
  }

  #startBody({ framing }: RequestHead): Parsed | 'again' {
    const length = framing.contentLength ?? 0;
    if (!framing.chunked && length === 0) return this.#finish();
    if (length > this.#bodyBytesMax) return this.#refuse(this.#tooLarge());
    this.#state = framing.chunked ? 'chunk-size' : 'length';
    this.#remaining = length;
    this.#overhead = 0;
    return framing.expectsContinue && this.waitingBytes === 0 ? 'continue' : 'again';
  }

  #readData(): Parsed | 'again' {
    const size = Math.min(this.waitingBytes, this.#remaining);
    this.#body.append(this.#text.slice(this.#at, this.#at + size));
    this.#at += size;
    this.#remaining -= size;
    if (this.#remaining > 0) return 'more';
    if (this.#state === 'length') return this.#finish();
    this.#state = 'chunk-end';
    return 'again';
  }

  #readChunkSize(): Parsed | 'again' {
    const line = this.#readLine(CHUNK_LINE_BYTES_MAX);
    if (line === null) return this.#moreOrRefused();
    const size = chunkSize(line);
    if (size === null) return this.#malformed('a chunk size is not a plain hexadecimal number');
    const extension = line.indexOf(';');
    // Extensions are legal, but a body of little else is an attack (CVE-2024-22019).
    if (extension !== -1) this.#overhead += line.length - extension;
    if (this.#overhead > OVERHEAD_BYTES_MAX) return this.#malformed('its chunk extensions are too long');
    if (this.#body.length + size > this.#bodyBytesMax) return this.#refuse(this.#tooLarge());
    this.#remaining = size;
    this.#state = size === 0 ? 'trailer' : 'chunk-data';
    return 'again';
  }

  #readChunkEnd(): Parsed | 'again' {
    if (this.waitingBytes === 0) return 'more';
    const isBroken = this.#text.charCodeAt(this.#at) !== CR;
    if (!isBroken && this.waitingBytes === 1) return 'more';
    if (isBroken || this.#text.charCodeAt(this.#at + 1) !== LF)
      return this.#malformed('a chunk is longer than its size');
    this.#at += 2;
    this.#state = 'chunk-size';
    return 'again';
  }

  #readTrailer(): Parsed | 'again' {
    const line = this.#readLine(OVERHEAD_BYTES_MAX);
    if (line === null) return this.#moreOrRefused();
    if (line === '') return this.#finish();
    this.#overhead += line.length + 2;
    if (this.#overhead > OVERHEAD_BYTES_MAX) return this.#malformed('its trailers are too long');
    return isSoundTrailer(line) ? 'again' : this.#malformed('a trailer is not sound or is about framing');
  }

  /** The next line without its end, null while it is not complete or when it was too long. */
  #readLine(bytesMax: number): string | null {
    const end = this.#text.indexOf('\r\n', this.#at);
    const length = (end === -1 ? this.#text.length : end) - this.#at;
    if (length > bytesMax) {
      this.#malformed('a line of its chunked body is too long');
      return null;
    }
    if (end === -1) {
      const refusal = hopelessStart(this.#rest(), false);
      if (refusal !== null) this.#refuse(refusal);
      return null;
    }
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #moreOrRefused(): Parsed {
    return this.refusal === null ? 'more' : 'refused';
  }

  #finish(): Parsed {
    this.#state = 'start';
    this.#blankLine = false;
    if (this.waitingBytes === 0) {
      this.#text = '';
      this.#at = 0;
    }
    return 'request';
  }

  #rest(): string {
    return this.#at === 0 ? this.#text : this.#text.slice(this.#at);
  }

  #tooLarge(): Refusal {
    return { status: 413, message: `The body is longer than ${this.#bodyBytesMax} bytes.` };
  }

  #malformed(what: string): Parsed {
    return this.#refuse({ status: 400, message: `The request is not valid HTTP/1.1: ${what}.` });
  }

  #refuse(refusal: Refusal): Parsed {
    this.refusal = refusal;
    this.#state = 'refused';
    this.#text = '';
    this.#at = 0;
    this.#seam = '';
    this.#body.take();
    return 'refused';
  }
}

const CR = 0x0d;
const LF = 0x0a;
/** As many bytes of a head's end as may stand before its last one. */
const SEAM = 3;
const CHUNK_LINE_BYTES_MAX = 256;
const OVERHEAD_BYTES_MAX = 16_384;
const HEAD_TOO_LONG: Refusal = {
  status: 431,
  message: `The headers are longer than ${HEAD_BYTES_MAX} bytes.`,
};
