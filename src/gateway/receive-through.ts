import { brandText } from '../base/brand.ts';
import { EMPTY_BYTES, textToBytes, type Bytes } from '../base/bytes.ts';
import type { Listener } from '../protocols/protocol.ts';
import { SseDecoder } from '../protocols/framing/sse.ts';
import type { Counted, Receiver, ReceiverHost } from './receiver.ts';

/** Most bytes that are held back while nothing worth sending has come: start-up events and comments. */
const HELD_BYTES_MAX = 256 * 1024;
/** Longest unfinished event that is held back; images travel whole in one event. */
const EVENT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Passes a stream of the client's own wire through, byte for byte, in whole events only, so that an error can be told at
 * any point. Before the first content everything is held back and read; afterwards only events that the
 * listener finds worth reading are read, the others cost a few searches.
 */
export class ThroughReceiver implements Receiver {
  readonly #host: ReceiverHost;
  readonly #listener: Listener;
  /** The start of an event whose end has not come yet. */
  #tail = '';
  #held = '';
  #unreadBytes = 0;
  /** The last piece that went to the client: whether it ends the stream. */
  #lastSent = '';

  constructor(host: ReceiverHost) {
    this.#host = host;
    this.#listener = host.outgoing.protocol.passthrough.listener(
      host.outgoing.target,
      host.run.admitted?.top,
    );
  }

  data(bytes: Bytes): void {
    const joined = this.#tail === '' ? bytes : this.#tail + bytes;
    const end = endOfEvents(joined);
    if (end < joined.length && joined.length - end > EVENT_BYTES_MAX) {
      this.#host.failed({
        kind: 'upstream_garbled',
        message: `an event of its stream is longer than ${EVENT_BYTES_MAX} bytes`,
      });
      return;
    }
    this.#tail = end === joined.length ? '' : joined.slice(end);
    if (end > 0) this.#events(end === joined.length ? joined : joined.slice(0, end));
  }

  end(): void {
    if (this.#tail !== '') {
      // A last event without its blank line: providers do send that.
      const last = `${this.#tail}\n\n`;
      this.#tail = '';
      this.#events(last);
    }
    const { heard } = this.#listener;
    if (heard.error !== null) return;
    if (heard.complete || heard.finish !== null) this.#finish();
    else this.#host.failed({ kind: 'upstream_garbled', message: 'its stream stopped without an end' });
  }

  #finish(): void {
    if (!this.#host.committed) this.#commit();
    const { terminator } = this.#host.outgoing.protocol.passthrough;
    if (terminator !== undefined && !this.#lastSent.includes(terminator.trim())) {
      this.#host.send(textToBytes(terminator));
    }
    this.#host.answered({ body: null, finish: this.#listener.heard.finish, ...this.counted() });
  }

  #events(whole: string): void {
    const committed = this.#host.committed;
    if (committed && !this.#listener.worthReading(whole)) {
      this.#unreadBytes += whole.length;
      this.#host.progress();
      this.#send(brandText<Bytes>(whole));
      return;
    }
    const passed = this.#read(whole);
    if (this.#listener.heard.error !== null) {
      if (passed !== '' && committed) this.#send(passed);
      this.#host.failed(this.#listener.heard.error);
    } else if (committed) {
      if (passed !== '') this.#send(passed);
    } else {
      this.#hold(passed);
    }
  }

  #hold(passed: Bytes): void {
    this.#held += passed;
    if (this.#listener.heard.content || this.#held.length > HELD_BYTES_MAX) this.#commit();
  }

  #commit(): void {
    this.#host.commit();
    if (this.#held !== '') this.#send(brandText<Bytes>(this.#held));
    this.#held = '';
  }

  #send(bytes: Bytes): void {
    this.#lastSent = bytes;
    this.#host.send(bytes);
  }

  // Reads event by event; returns what the client is to see: all of it, up to an error, without hidden events.
  #read(whole: string): Bytes {
    const listener = this.#listener;
    let passed = '';
    for (const text of splitEvents(whole)) {
      if (this.#host.committed && !listener.worthReading(text)) {
        this.#unreadBytes += text.length;
        passed += text;
        continue;
      }
      let hidden = false;
      for (const event of new SseDecoder().push(brandText<Bytes>(text))) {
        listener.readEvent(event.name, event.data);
        this.#host.progress();
        hidden ||= listener.hides?.(event.name, event.data) ?? false;
      }
      if (listener.heard.error !== null) return passed === '' ? EMPTY_BYTES : brandText<Bytes>(passed);
      if (!hidden) passed += text;
    }
    return brandText<Bytes>(passed);
  }

  counted(): Counted {
    const { usage, outputChars } = this.#listener.heard;
    return { usage, outputChars: outputChars + Math.floor(this.#unreadBytes * CONTENT_SHARE) };
  }
}

/** Share of an unread event's bytes that is content and not envelope, for estimates of uncounted output only. */
const CONTENT_SHARE = 0.05;

/** Index after the last blank line: up to there all events are whole. */
function endOfEvents(text: string): number {
  if (text.endsWith('\n\n') || text.endsWith('\r\n\r\n')) return text.length;
  const plain = text.lastIndexOf('\n\n');
  const crlf = text.lastIndexOf('\r\n\r\n');
  return Math.max(plain < 0 ? 0 : plain + 2, crlf < 0 ? 0 : crlf + 4);
}

function splitEvents(text: string): readonly string[] {
  const events: string[] = [];
  let start = 0;
  while (start < text.length) {
    const plain = text.indexOf('\n\n', start);
    const crlf = text.indexOf('\r\n\r\n', start);
    const end = crlf >= 0 && (plain < 0 || crlf < plain) ? crlf + 4 : plain < 0 ? text.length : plain + 2;
    events.push(text.slice(start, end));
    start = end;
  }
  return events;
}
