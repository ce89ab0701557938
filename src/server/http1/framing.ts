import type { Refusal } from '../unreadable.ts';

/** What the headers of a request say about where its body ends and whether the connection lives on (RFC 9112 6.3). */
export class Framing {
  readonly version11: boolean;
  contentLength: number | null = null;
  chunked = false;
  keepAlive: boolean;
  /** Whether the client waits for a word before it sends the body. */
  expectsContinue = false;
  #hosts = 0;
  #refusal: Refusal | null = null;

  constructor(version11: boolean) {
    this.version11 = version11;
    // HTTP/1.0 would have to ask for it and could not tell the end of a stream: one request each connection.
    this.keepAlive = version11;
  }

  /** Whether a header whose name has this length may be one of those noted here. */
  static concerns(nameLength: number): boolean {
    return (
      nameLength === 4 || nameLength === 6 || nameLength === 10 || nameLength === 14 || nameLength === 17
    );
  }

  note(name: string, value: string): void {
    switch (name) {
      case 'host':
        this.#noteHost(value);
        break;
      case 'content-length':
        this.#noteLength(value);
        break;
      case 'transfer-encoding':
        this.#noteCoding(value);
        break;
      case 'connection':
        if (CLOSE.test(value)) this.keepAlive = false;
        break;
      case 'expect':
        this.#noteExpectation(value);
        break;
      default:
    }
  }

  /** Why the request cannot be taken, null where it can. Asked when all headers were noted. */
  refusal(): Refusal | null {
    if (this.#refusal !== null) return this.#refusal;
    if (this.chunked && this.contentLength !== null)
      return bad('it has both a content-length and a transfer-encoding');
    if (this.version11 && this.#hosts === 0) return bad('it has no host header');
    return null;
  }

  #noteHost(value: string): void {
    this.#hosts += 1;
    if (this.#hosts > 1) this.#refuse(bad('it has more than one host header'));
    if (!HOST.test(value)) this.#refuse(bad('its host header is not a name or address'));
  }

  #noteLength(value: string): void {
    if (this.contentLength !== null) this.#refuse(bad('it has more than one content-length'));
    if (!LENGTH.test(value)) this.#refuse(bad('its content-length is not a number'));
    this.contentLength = Number(value);
  }

  #noteCoding(value: string): void {
    if (!this.version11) this.#refuse(bad('HTTP/1.0 has no transfer-encoding'));
    if (this.chunked || value.toLowerCase() !== 'chunked')
      this.#refuse(bad('its transfer-encoding is not one "chunked"'));
    this.chunked = true;
  }

  #noteExpectation(value: string): void {
    if (!this.version11) return;
    if (value.toLowerCase() === '100-continue') this.expectsContinue = true;
    else this.#refuse({ status: 417, message: 'The server knows no expectation but 100-continue.' });
  }

  #refuse(refusal: Refusal): void {
    this.#refusal ??= refusal;
  }
}

const CLOSE = /(?:^|[\t ,])close(?:$|[\t ,])/i;
/** Fifteen digits are beyond any body, and exact as a number. */
const LENGTH = /^\d{1,15}$/;
/** RFC 3986 host and port: no blank, slash, question mark, `@` or bytes that are not ASCII. */
const HOST = /^[\w.\-~!$&'()*+,;=:%[\]]*$/;

function bad(what: string): Refusal {
  return { status: 400, message: `The request is not valid HTTP/1.1: ${what}.` };
}
