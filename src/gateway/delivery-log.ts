import { bytesToText, type Bytes } from '../base/bytes.ts';
import type { EncodeTarget, Protocol, Pump } from '../protocols/protocol.ts';
import { SseDecoder } from '../protocols/framing/sse.ts';
import { Delivery, type Delivered } from '../resumption/delivered.ts';
import { GatewayError } from '../spec/error.ts';
import type { StreamPart } from '../spec/stream.ts';
import type { WireEvent } from '../spec/wire.ts';

/** Bytes that are kept unread; more are read and dropped, so that a long stream costs time and not memory. */
const UNREAD_BYTES_MAX = 64 * 1024;

/**
 * What the client has been sent of a streamed answer. Parts of a translated stream are noted as they go; the bytes of one that
 * passes through are kept, and understood only when they have to be: nearly no answer breaks off.
 */
export class DeliveryLog {
  // Each part of it is made only for a stream that needs it: nearly none has to be read.
  #delivery: Delivery | null = null;
  #speaker: Speaker | null = null;
  #unread: Bytes[] = [];
  #unreadBytes = 0;
  #reading: Reading | null = null;
  /** Whether all of it was; behind noise that a client skips nobody knows what it has. */
  #understood = true;
  /** Writes for the client; null while bytes pass through. */
  encoder: Pump<StreamPart, WireEvent> | null = null;
  #started: Extract<StreamPart, { type: 'start' }> | null = null;

  /** The start that went to the client, where the stream passed through: who it believes to have answered. */
  get started(): Extract<StreamPart, { type: 'start' }> | null {
    this.#read();
    return this.#started;
  }

  notePart(part: StreamPart): void {
    this.#delivery ??= new Delivery();
    this.#delivery.note(part);
  }

  /** Whole events of the client's own wire, as they were sent. */
  noteBytes(bytes: Bytes, speaker: Speaker): void {
    this.#speaker = speaker;
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > UNREAD_BYTES_MAX) this.#read();
  }

  /** Throws where what was sent is not understood: then nothing can be added to it. */
  delivered(): Delivered {
    this.#read();
    if (!this.#understood || this.#reading?.decoder.holds === true)
      throw new GatewayError('unsupported', 'What was sent cannot be read again.');
    this.#delivery ??= new Delivery();
    return this.#delivery.snapshot();
  }

  #read(): void {
    if (this.#speaker === null || this.#unread.length === 0) return;
    const { protocol, target } = this.#speaker;
    this.#reading ??= { framing: new SseDecoder(), decoder: protocol.upstream.decodeStream(target) };
    const reading = this.#reading;
    const unread = this.#unread;
    this.#unread = [];
    this.#unreadBytes = 0;
    for (const bytes of unread) {
      for (const { name, data } of reading.framing.push(bytes)) {
        for (const part of reading.decoder.push({ name, data: bytesToText(data) })) {
          if (part.type === 'start') this.#started = part;
          if (part.type === 'error') this.#understood = false;
          this.notePart(part);
        }
      }
    }
  }
}

/** Whose stream it is. */
export interface Speaker {
  readonly protocol: Protocol;
  readonly target: EncodeTarget;
}

interface Reading {
  readonly framing: SseDecoder;
  readonly decoder: Pump<WireEvent, StreamPart>;
}
