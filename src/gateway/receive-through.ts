import { brandText } from '../base/brand.ts';
import { textToBytes, type Bytes } from '../base/bytes.ts';
import { parseJson } from '../base/json.ts';
import type { Heard, Listener } from '../protocols/protocol.ts';
import { SseDecoder, type SseEvent } from '../protocols/framing/sse.ts';
import { isSilent, mustSaySomething } from './empty-answer.ts';
import { STOPPED, type Counted, type ReceivedFailure, type Receiver, type ReceiverHost } from './receiver.ts';

/** Most bytes that are held back while nothing worth sending has come: start-up events and comments. */
const HELD_BYTES_MAX = 256 * 1024;
/** Length of the longest end of an event, less one. */
const SEAM_BYTES = 3;
/** Longest unfinished event that is held back; images travel whole in one event. */
const EVENT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Passes a stream of the client's own wire through, byte for byte, in whole events only, so that another attempt can go on, or
 * an error be told, at any point. Before the first content everything is held back and read; afterwards only events that the
 * listener finds worth reading are read, the others cost a few searches.
 */
export class ThroughReceiver implements Receiver {
  readonly #host: ReceiverHost;
  readonly #listener: Listener;
  /** What the listener had heard after the last event that it read. */
  #heard: Heard;
  /** The start of an event whose end has not come yet, as it came. */
  #pieces: string[] = [];
  #pieceBytes = 0;
  /** The last bytes of those: the end of an event may lie on the border of two pieces. */
  #seam = '';
  #held = '';
  #unreadBytes = 0;
  /** Whether the wire's terminator has come. */
  #terminated = false;
  /** Output and presence of content that the listener had heard when content last came. */
  #heardOutput = 0;

  constructor(host: ReceiverHost) {
    this.#host = host;
    this.#listener = host.outgoing.protocol.passthrough.listener(
      host.outgoing.target,
      host.run.admitted?.top,
    );
    this.#heard = this.#listener.heard;
  }

  data(bytes: Bytes): void {
    if (this.#pieces.length === 0) {
      this.#take(bytes);
      return;
    }
    // An event of many pieces is put together once, when its end has come: joining it with each piece would cost the square
    // of its length.
    const seam = this.#seam + bytes;
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
    if (endOfEvents(seam) > 0) {
      const joined = this.#pieces.join('');
      this.#pieces = [];
      this.#pieceBytes = 0;
      this.#take(joined);
    } else if (this.#pieceBytes > EVENT_BYTES_MAX) {
      this.#host.failed({
        kind: 'upstream_garbled',
        message: `an event of its stream is longer than ${EVENT_BYTES_MAX} bytes`,
      });
    } else {
      this.#seam = seam.slice(-SEAM_BYTES);
    }
  }

  // Whole events go on; the start of the next one waits for its end.
  #take(text: string): void {
    const end = endOfEvents(text);
    if (end < text.length) {
      const tail = end === 0 ? text : text.slice(end);
      this.#pieces.push(tail);
      this.#pieceBytes = tail.length;
      this.#seam = tail.slice(-SEAM_BYTES);
    }
    if (end > 0) this.#events(end === text.length ? text : text.slice(0, end));
  }

  end(broken: ReceivedFailure | null): void {
    // A last event without its blank line: providers do send that. Half an event goes nowhere.
    const tail = this.#pieces.join('');
    const last = `${tail}\n\n`;
    if (tail !== '' && broken === null && this.#isWholeEvent(last)) this.#events(last);
    this.#pieces = [];
    if (this.#listener.heard.error !== null) return;
    if (this.whole) this.#finish();
    else this.#host.failed(broken ?? STOPPED);
  }

  #finish(): void {
    const { terminator } = this.#host.outgoing.protocol.passthrough;
    const ending = terminator === undefined || this.#terminated ? '' : terminator;
    if (!this.#host.committed) {
      const { heard } = this.#listener;
      if (isSilent(heard) && mustSaySomething(this.#host.run)) {
        this.#host.emptied({ bytes: brandText<Bytes>(this.#held + textToBytes(ending)), streamed: true });
        return;
      }
      this.#commit();
    }
    if (ending !== '') this.#host.send(textToBytes(ending));
    this.#host.answered({ body: null, finish: this.#listener.heard.finish, ...this.counted() });
  }

  #events(whole: string): void {
    // Behind the end of its stream a client is sent nothing: no comment, and no second end.
    if (this.#terminated) return;
    const committed = this.#host.committed;
    if (committed && !this.#listener.worthReading(whole)) {
      this.#passUnread(whole);
      this.#send(brandText<Bytes>(whole));
      return;
    }
    const passed = this.#read(whole);
    if (this.#heard.error !== null) {
      if (passed !== '' && committed) this.#send(passed);
      this.#host.failed(this.#heard.error);
    } else if (committed) {
      if (passed !== '') this.#send(passed);
    } else {
      this.#hold(passed);
    }
  }

  #hold(passed: Bytes): void {
    this.#held += passed;
    if (this.#heard.content || this.#held.length > HELD_BYTES_MAX) this.#commit();
  }

  #commit(): void {
    this.#host.commit();
    if (this.#held !== '') this.#send(brandText<Bytes>(this.#held));
    this.#held = '';
  }

  // Whether JSON that was begun was also ended; without JSON there is only the wire's terminator.
  #isWholeEvent(text: string): boolean {
    const terminator = this.#host.outgoing.protocol.passthrough.terminator ?? '';
    const events = eventsIn(text);
    return (
      events.length > 0 && events.every(({ data }) => isWhole(data) || terminator.trim() === `data: ${data}`)
    );
  }

  // What was sent is kept as it is: only an answer that breaks off has to be understood.
  #send(events: Bytes): void {
    this.#host.run.delivery?.noteBytes(events, this.#host.outgoing);
    this.#host.send(events);
  }

  // Reads event by event; returns what the client is to see: all of it, up to an error or the end, without hidden events.
  #read(whole: string): Bytes {
    let passed = '';
    for (const text of splitEvents(whole)) {
      if (this.#terminated) break;
      if (this.#host.committed && !this.#listener.worthReading(text)) {
        this.#passUnread(text);
        passed += text;
        continue;
      }
      const hidden = this.#hear(text);
      if (this.#heard.error !== null) break;
      if (!hidden) passed += text;
    }
    return brandText<Bytes>(passed);
  }

  // Lets the listener read an event; tells whether the client must not see it.
  #hear(text: string): boolean {
    let hidden = false;
    for (const { name, data } of eventsIn(text)) {
      this.#listener.readEvent(name, data);
      hidden ||= this.#listener.hides?.(name, data) ?? false;
    }
    this.#heard = this.#listener.heard;
    this.#noteProgress(this.#heard);
    this.#terminated ||= this.#listener.ended ?? this.#hasTerminator(text);
    return hidden;
  }

  #hasTerminator(text: string): boolean {
    const { terminator } = this.#host.outgoing.protocol.passthrough;
    return terminator !== undefined && withoutSpace(text).includes(withoutSpace(terminator));
  }

  // A comment keeps the connection alive and is no content; what else is not worth reading is.
  #passUnread(events: string): void {
    this.#unreadBytes += events.length;
    if (!isComment(events)) this.#host.progress();
  }

  // Pings and the announcement of an answer are no content either: the listener has heard nothing of it.
  #noteProgress({ content, outputChars }: Heard): void {
    const output = outputChars + (content ? 1 : 0);
    if (output > this.#heardOutput) this.#host.progress();
    this.#heardOutput = output;
  }

  get whole(): boolean {
    const { complete, error } = this.#listener.heard;
    return error === null && complete;
  }

  counted(): Counted {
    const { usage, outputChars } = this.#listener.heard;
    return { usage, outputChars: outputChars + Math.floor(this.#unreadBytes * CONTENT_SHARE) };
  }
}

// An event of one line of data, as chat streams are made of, needs no decoder.
function eventsIn(text: string): readonly SseEvent[] {
  if (text.startsWith('data: ') && text.indexOf('\n') === text.length - 2) {
    return [{ name: '', data: brandText<Bytes>(text.slice('data: '.length, -2)) }];
  }
  return new SseDecoder().push(brandText<Bytes>(text));
}

// Providers put spaces and line ends where they like.
function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, '');
}

function isWhole(data: Bytes): boolean {
  return data.startsWith('{') && parseJson(data).type === 'ok';
}

/** Share of an unread event's bytes that is content and not envelope, for estimates of uncounted output only. */
const CONTENT_SHARE = 0.05;

function isComment(events: string): boolean {
  return events.charCodeAt(0) === COLON && !events.includes('\ndata:');
}

const COLON = 0x3a;

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
