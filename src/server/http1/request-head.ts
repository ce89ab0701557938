import { HEADERS_MAX, type Refusal } from '../unreadable.ts';
import type { RequestHeaders } from '../request.ts';
import { Framing } from './framing.ts';

/** The head of a request. Headers stay in the text as they came and are read when somebody asks for one. */
export class RequestHead {
  readonly method: string;
  readonly target: string;
  /** False for HTTP/1.0: its answers have no chunks and end the connection. */
  readonly version11: boolean;
  readonly framing: Framing;
  readonly #text: string;
  /** Of each header line: where its name begins, its colon, its end. */
  readonly #lines: readonly number[];

  constructor(text: string, lines: readonly number[], framing: Framing) {
    const space = text.indexOf(' ');
    this.method = text.slice(0, space);
    this.target = text.slice(space + 1, text.indexOf(' ', space + 1));
    this.version11 = framing.version11;
    this.framing = framing;
    this.#text = text;
    this.#lines = lines;
  }

  /** Value of a header by its name in lower case; repeated ones are joined, or the first counts, as in node:http. */
  header(name: string): string | undefined {
    const text = this.#text;
    const lines = this.#lines;
    let found: string | undefined;
    for (let i = 0; i < lines.length; i += 3) {
      const start = lines[i] ?? 0;
      const colon = lines[i + 1] ?? 0;
      if (colon - start !== name.length || text.slice(start, colon).toLowerCase() !== name) continue;
      const value = headerValue(text, colon, lines[i + 2] ?? 0);
      if (FIRST_COUNTS.has(name)) return value;
      found = found === undefined ? value : found + (name === 'cookie' ? '; ' : ', ') + value;
    }
    return found;
  }

  /** All headers by their names in lower case. */
  headers(): RequestHeaders {
    const headers: { [name: string]: string | string[] } = Object.create(null);
    for (let i = 0; i < this.#lines.length; i += 3) {
      const name = this.#text.slice(this.#lines[i], this.#lines[i + 1]).toLowerCase();
      headers[name] ??= this.header(name) ?? '';
    }
    return headers;
  }
}

/**
 * Parses a head without its final empty line. Strict where leniency would let two programs read one message differently
 * (RFC 9112 sections 2.2, 3, 5, 6): one expression accepts the whole of it, and what it accepts has one reading only.
 */
export function parseRequestHead(text: string): RequestHead | Refusal {
  if (!HEAD.test(text)) return whatIsWrong(text);
  if (!METHODS.has(text.slice(0, text.indexOf(' '))))
    return { status: 501, message: 'The request has a method that this server does not know.' };
  const lineEnd = text.indexOf('\r\n');
  const framing = new Framing((lineEnd === -1 ? text : text.slice(0, lineEnd)).endsWith('1'));
  const lines: number[] = [];
  let start = lineEnd === -1 ? text.length : lineEnd + 2;
  while (start < text.length) {
    const colon = text.indexOf(':', start);
    const next = text.indexOf('\r\n', colon);
    const end = next === -1 ? text.length : next;
    if (lines.length === HEADERS_MAX * 3)
      return { status: 431, message: `The request has more than ${HEADERS_MAX} headers.` };
    lines.push(start, colon, end);
    // Only names of these lengths say anything about framing; all others are not even copied.
    if (Framing.concerns(colon - start)) {
      framing.note(text.slice(start, colon).toLowerCase(), headerValue(text, colon, end));
    }
    start = end + 2;
  }
  return framing.refusal() ?? new RequestHead(text, lines, framing);
}

/** Why bytes that cannot become a sound head anymore are refused, null where they still may. */
export function hopelessStart(text: string, isBeginning: boolean): Refusal | null {
  if (isBeginning && !STARTS_WITH_TOKEN.test(text)) return bad('it does not begin with a method');
  return UNSAFE.test(text) ? bad('its head holds a control character or a bare line break') : null;
}

/** Control characters, and line breaks other than CRLF; a CR at the very end may still get its LF. */
// oxlint-disable-next-line no-control-regex -- naming the control characters is the point
const UNSAFE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r[^\n]|[^\r]\n/;

/** RFC 9110 5.6.2: what methods and header names are made of. */
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const STARTS_WITH_TOKEN = new RegExp(`^${TOKEN}`);
const HEADER_START = new RegExp(`^${TOKEN}:`);

/**
 * Request line and header lines. Every character can be taken in one way only, so that matching is linear. The target is
 * an absolute path without `#`; bytes that are not ASCII must come percent-encoded (RFC 3986).
 */
const HEAD = new RegExp(
  `^${TOKEN} /[!"$-~]* HTTP/1\\.[01](?:\\r\\n${TOKEN}:[\\t\\u0020-\\u007e\\u0080-\\u00ff]*)*$`,
);

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Headers of which node:http keeps the first and drops the rest; the gateway's two servers must not differ here. */
const FIRST_COUNTS: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

const SPACE = 0x20;
const TAB = 0x09;

/** Only space and tab are blank here; `trim` would also take away a no-break space, which is data. */
function headerValue(text: string, colon: number, lineEnd: number): string {
  let start = colon + 1;
  let end = lineEnd;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Names what the one expression did not like. */
function whatIsWrong(text: string): Refusal {
  const hopeless = hopelessStart(text, true);
  if (hopeless !== null) return hopeless;
  if (text.endsWith('\r')) return bad('its head ends with a bare CR');
  const [line = '', ...headers] = text.split('\r\n');
  const version = / HTTP\/(\d\.\d)$/.exec(line)?.[1];
  if (version === undefined) return bad('its first line is not a method, a target and a version');
  if (version !== '1.0' && version !== '1.1')
    return { status: 505, message: `The server speaks HTTP/1.1, not HTTP/${version}.` };
  if (headers.some((header) => /^[\t ]/.test(header))) return bad('a header is folded over two lines');
  if (headers.some((header) => !HEADER_START.test(header)))
    return bad('a header line does not begin with a name and a colon');
  return bad('its target is not an absolute path in ASCII without spaces and fragment');
}

function bad(what: string): Refusal {
  return { status: 400, message: `The request is not valid HTTP/1.1: ${what}.` };
}
