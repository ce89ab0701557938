import { brandText } from '../../base/brand.ts';
import { bytesToText, type Bytes } from '../../base/bytes.ts';
import { parseJson } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { WireEvent } from '../../spec/wire.ts';
import type { Pump } from '../protocol.ts';

/** One event of an event stream, its data still as the bytes that came. */
export interface SseEvent {
  /** The `event:` field; empty where there was none. */
  readonly name: string;
  readonly data: Bytes;
}

/** The largest event that a decoder takes where it is not told otherwise: images travel whole in one event. */
export const SSE_EVENT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * An incremental decoder of event streams (https://html.spec.whatwg.org/multipage/server-sent-events.html, "Parsing an
 * event stream"). It works on bytes, so a UTF-8 sequence that is split between network chunks stays whole. One deviation:
 * a last event that no blank line ends is delivered when its data is complete, since providers do send that.
 *
 * Every byte is searched for line ends once and joined once, however small the pieces are.
 */
export class SseDecoder implements Pump<Bytes, SseEvent> {
  readonly #eventBytesMax: number;
  /** The start of a line whose end has not come yet. A rope: it is flattened only when the line is whole. */
  #carry = '';
  #data: string | null = null;
  #name = '';
  /** Bytes that the open event holds, the carry excluded. */
  #held = 0;
  /** The last piece ended in CR, so an LF that comes first belongs to it. */
  #afterReturn = false;
  #firstLine = true;

  constructor(eventBytesMax: number = SSE_EVENT_BYTES_MAX) {
    this.#eventBytesMax = eventBytesMax;
  }

  push(bytes: Bytes): readonly SseEvent[] {
    const events: SseEvent[] = [];
    let at = this.#afterReturn && bytes.charCodeAt(0) === LINE_FEED ? 1 : 0;
    if (bytes !== '') this.#afterReturn = false;
    at = bytes.includes('\r') ? this.#readAnyLines(bytes, at, events) : this.#readLines(bytes, at, events);
    if (at < bytes.length) this.#carry += at === 0 ? bytes : bytes.slice(at);
    this.#checkSize();
    return events;
  }

  end(): readonly SseEvent[] {
    const events: SseEvent[] = [];
    if (this.#carry !== '') this.#readLine(this.#completed(''), events);
    if (this.#data !== null && isWhole(this.#data)) this.#dispatch(events);
    this.#reset();
    return events;
  }

  // Lines ended by LF, the common case. Returns where the unfinished rest starts.
  #readLines(bytes: Bytes, start: number, events: SseEvent[]): number {
    let at = start;
    for (let end = bytes.indexOf('\n', at); end >= 0; end = bytes.indexOf('\n', at)) {
      this.#readLine(this.#completed(bytes.slice(at, end)), events);
      at = end + 1;
    }
    return at;
  }

  // Lines ended by CR, LF or CRLF. Each kind's next place is remembered, so no byte is searched twice for the same.
  #readAnyLines(bytes: Bytes, start: number, events: SseEvent[]): number {
    let at = start;
    let feed = indexOrEnd(bytes, '\n', at);
    let carriageReturn = indexOrEnd(bytes, '\r', at);
    while (at < bytes.length) {
      const end = Math.min(feed, carriageReturn);
      if (end === bytes.length) return at;
      this.#readLine(this.#completed(bytes.slice(at, end)), events);
      at = end + 1;
      if (end === carriageReturn) {
        this.#afterReturn = at === bytes.length;
        if (feed === at && at < bytes.length) at += 1;
        carriageReturn = indexOrEnd(bytes, '\r', at);
      }
      if (feed < at) feed = indexOrEnd(bytes, '\n', at);
    }
    return at;
  }

  #completed(rest: string): string {
    let line = rest;
    if (this.#carry !== '') {
      line = this.#carry + rest;
      this.#carry = '';
    }
    if (!this.#firstLine) return line;
    this.#firstLine = false;
    return line.startsWith(BYTE_ORDER_MARK) ? line.slice(BYTE_ORDER_MARK.length) : line;
  }

  #readLine(line: string, events: SseEvent[]): void {
    if (line === '') {
      this.#dispatch(events);
    } else if (line.startsWith('data')) {
      const value = valueAfter(line, 4);
      if (value === null) return;
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
      this.#held += line.length;
      this.#checkSize();
    } else if (line.startsWith('event')) {
      const value = valueAfter(line, 5);
      if (value !== null) this.#name = bytesToText(brandText<Bytes>(value));
    }
    // Comments, `id`, `retry` and unknown fields mean nothing to us.
  }

  #dispatch(events: SseEvent[]): void {
    if (this.#data !== null) events.push({ name: this.#name, data: brandText<Bytes>(this.#data) });
    this.#reset();
  }

  #reset(): void {
    this.#data = null;
    this.#name = '';
    this.#held = 0;
  }

  #checkSize(): void {
    if (this.#held + this.#carry.length <= this.#eventBytesMax) return;
    throw new GatewayError(
      'upstream_garbled',
      `The provider's stream contains an event larger than ${this.#eventBytesMax} bytes.`,
    );
  }
}

/** The event as text, for codecs that read text; call it on whole events only. */
export function toWireEvent(event: SseEvent): WireEvent {
  return { name: event.name, data: bytesToText(event.data) };
}

/** Writes events as an event stream. */
export function encodeSse(events: readonly WireEvent[]): string {
  let text = '';
  for (const { name, data } of events) {
    if (name !== '') text += `event: ${name}\n`;
    text += LINE_END.test(data) ? dataLines(data) : `data: ${data}\n\n`;
  }
  return text;
}

const LINE_FEED = 0x0a;
const COLON = 0x3a;
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
const LINE_END = /[\r\n]/;

function indexOrEnd(bytes: Bytes, wanted: string, from: number): number {
  const at = bytes.indexOf(wanted, from);
  return at < 0 ? bytes.length : at;
}

// Value of the field whose name has this length; null where the line's field has another, longer name.
function valueAfter(line: string, nameLength: number): string | null {
  if (line.length === nameLength) return '';
  if (line.charCodeAt(nameLength) !== COLON) return null;
  return line.slice(line.charCodeAt(nameLength + 1) === 0x20 ? nameLength + 2 : nameLength + 1);
}

// A stream that was cut leaves half an event, which must not be taken for a whole one.
function isWhole(data: string): boolean {
  return data === '[DONE]' || parseJson(data).type === 'ok';
}

function dataLines(data: string): string {
  const lines = data.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return `${lines.join('')}\n`;
}
