import type { Headers } from '../../spec/wire.ts';

/** The head of an answer, with everything that decides how its body is framed. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
  readonly contentLength: number | null;
  readonly chunked: boolean;
  /** Whether the connection may carry another request as far as the head tells. */
  readonly keepAlive: boolean;
  /** From `Keep-Alive: timeout=`, null where the server does not say. */
  readonly keepAliveMs: number | null;
}

/** At most this many header lines. */
const HEADERS_MAX = 200;

/**
 * Parses a head without its final empty line; a text says why it is malformed. Strict where leniency would let two
 * programs read one message differently (RFC 9112 sections 2.2, 5, 6): bare CR or LF, folded lines, space before the
 * colon, repeated or signed lengths, a length beside a transfer coding, any coding but one `chunked`.
 */
export function parseResponseHead(text: string): ResponseHead | string {
  if (UNSAFE.test(text)) return 'the head holds a control character or a bare line break';
  const lines = text.split('\r\n');
  const statusLine = STATUS_LINE.exec(lines[0] ?? '');
  if (statusLine === null) return 'the status line is not one of HTTP/1';
  if (lines.length - 1 > HEADERS_MAX) return `the head has more than ${HEADERS_MAX} headers`;
  const framing = new Framing(statusLine[1] === '1');
  const headers: (readonly [string, string])[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const header = parseHeaderLine(lines[index] ?? '');
    if (typeof header === 'string') return header;
    const problem = framing.note(header[0], header[1]);
    if (problem !== null) return problem;
    headers.push(header);
  }
  if (framing.chunked && framing.contentLength !== null) return 'it has both a length and a transfer coding';
  const { contentLength, chunked, keepAlive, keepAliveMs } = framing;
  return { status: Number(statusLine[2]), headers, contentLength, chunked, keepAlive, keepAliveMs };
}

/** Parses one header line into a lower-case name and a trimmed value; a text says why it is malformed. */
export function parseHeaderLine(line: string): readonly [name: string, value: string] | string {
  const first = line.charCodeAt(0);
  if (first === SPACE || first === TAB) return 'a header is folded over two lines';
  const colon = line.indexOf(':');
  if (colon === -1) return 'a header has no colon';
  const name = line.slice(0, colon).toLowerCase();
  if (!NAME.test(name)) return 'a header name holds characters that a name may not have';
  return [name, trimBlank(line, colon + 1)];
}

/** Control characters other than the CRLF pairs that end lines; also used for trailers. */
// oxlint-disable-next-line no-control-regex -- naming the control characters is the point
export const UNSAFE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r(?!\n)|(?<!\r)\n/;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const SPACE = 0x20;
const TAB = 0x09;

/** Only space and tab are blank here; `trim` would also take away a no-break space, which is data. */
function trimBlank(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** What the headers seen so far say about the framing; `note` returns what contradicts. */
class Framing {
  contentLength: number | null = null;
  chunked = false;
  keepAlive: boolean;
  keepAliveMs: number | null = null;
  readonly #version11: boolean;

  constructor(version11: boolean) {
    this.#version11 = version11;
    this.keepAlive = version11;
  }

  note(name: string, value: string): string | null {
    switch (name) {
      case 'content-length':
        return this.#noteLength(value);
      case 'transfer-encoding':
        return this.#noteCoding(value);
      case 'connection':
        if (/(?:^|[\t ,])(?:close|upgrade)(?:$|[\t ,])/i.test(value)) this.keepAlive = false;
        return null;
      case 'keep-alive':
        this.keepAliveMs = keepAliveMs(value);
        return null;
      default:
        return null;
    }
  }

  #noteLength(value: string): string | null {
    if (this.contentLength !== null) return 'it has more than one length';
    if (!/^\d{1,15}$/.test(value)) return 'its length is not a number';
    this.contentLength = Number(value);
    return null;
  }

  #noteCoding(value: string): string | null {
    if (!this.#version11) return 'HTTP/1.0 has no transfer codings';
    if (this.chunked || value.toLowerCase() !== 'chunked') return 'its transfer coding is not one "chunked"';
    this.chunked = true;
    return null;
  }
}

function keepAliveMs(value: string): number | null {
  const match = /(?:^|[\t ,])timeout=(\d{1,9})(?:$|[\t ,])/i.exec(value);
  return match === null ? null : Number(match[1]) * 1000;
}
