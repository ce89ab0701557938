import { assert, AssertionError } from '../../base/assert.ts';
import type { FlatHeaders } from '../../gateway/call.ts';
import type { Clock } from '../../spec/ports.ts';
import { REASONS } from '../unreadable.ts';

/** Writes heads of answers. One for the whole server: what all answers of a second have in common is made once. */
export class AnswerHeads {
  readonly #clock: Clock;
  readonly #persistent: string;
  /** Names that were found sound before: they are constants of the program, and few. */
  readonly #names = new Set<string>();
  #second = -1;
  #keepAlive = '';
  #close = '';

  constructor(clock: Clock, keepAliveMs: number) {
    this.#clock = clock;
    // Clients that are told how long a connection lives do not send into one that is about to be closed.
    this.#persistent = `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n`;
  }

  /** Status line and headers up to and with the empty line; `framing` is whole header lines that tell the body's end. */
  write(status: number, framing: string, headers: FlatHeaders, connection: 'keep-alive' | 'close'): string {
    const head = `${statusLine(status)}${framing}${this.lines(headers)}`;
    const second = Math.floor(this.#clock.nowMs() / 1000);
    if (second !== this.#second) this.#renew(second);
    return head + (connection === 'close' ? this.#close : this.#keepAlive);
  }

  /**
   * Header or trailer lines. A name or value that could end its line early would let whoever controls it write headers or
   * whole answers of his own (response splitting); one about framing would contradict ours.
   */
  lines(headers: FlatHeaders): string {
    let lines = '';
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = headers[i] ?? '';
      const value = headers[i + 1] ?? '';
      if (!this.#names.has(name)) this.#checkName(name);
      if (UNSAFE_VALUE.test(value))
        throw new AssertionError(`the value of the header ${name} holds characters that cannot be sent`);
      lines += `${name}: ${value}\r\n`;
    }
    return lines;
  }

  #checkName(name: string): void {
    assert(NAME.test(name) && !OWNED.test(name), `an answer may not have the header ${JSON.stringify(name)}`);
    if (this.#names.size < NAMES_MAX) this.#names.add(name);
  }

  #renew(second: number): void {
    const date = `date: ${new Date(second * 1000).toUTCString()}\r\n`;
    this.#second = second;
    this.#keepAlive = date + this.#persistent;
    this.#close = `${date}connection: close\r\n\r\n`;
  }
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NAMES_MAX = 200;
const OWNED = /^(?:connection|content-length|date|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
/** RFC 9110 5.5: visible characters, space, tab and obs-text; a character above U+00FF would be cut to another one. */
const UNSAFE_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;

const OK = 'HTTP/1.1 200 OK\r\n';

function statusLine(status: number): string {
  return status === 200 ? OK : `HTTP/1.1 ${status} ${REASON_OF.get(status) ?? ''}\r\n`;
}

/** Reason phrases for people who read along; no client may depend on them (RFC 9112 4). */
const REASON_OF: ReadonlyMap<number, string> = new Map([
  ...Object.entries(REASONS).map(([status, reason]) => [Number(status), reason] as const),
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [304, 'Not Modified'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [409, 'Conflict'],
  [415, 'Unsupported Media Type'],
  [422, 'Unprocessable Content'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
]);
