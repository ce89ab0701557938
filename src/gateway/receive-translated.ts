import { bytesToText, textToBytes, type Bytes } from '../base/bytes.ts';
import { assert } from '../base/assert.ts';
import type { Pump } from '../protocols/protocol.ts';
import { SseDecoder, type SseEvent } from '../protocols/framing/sse.ts';
import { GatewayError } from '../spec/error.ts';
import type { Finish } from '../spec/generate.ts';
import type { StreamPart } from '../spec/stream.ts';
import { laterUsage, type Usage } from '../spec/usage.ts';
import type { WireEvent } from '../spec/wire.ts';
import { downstreamOf } from './call.ts';
import { endsByItself, mustSaySomething } from './empty-answer.ts';
import { STOPPED, type Counted, type ReceivedFailure, type Receiver, type ReceiverHost } from './receiver.ts';

/** Translates a stream of another wire: bytes to events to parts to the client's events, each step incremental. */
export class TranslatedReceiver implements Receiver {
  readonly #host: ReceiverHost;
  readonly #framing = new SseDecoder();
  readonly #decoder: Pump<WireEvent, StreamPart>;
  readonly #encoder: Pump<StreamPart, WireEvent>;
  /** Parts that wait for the first content, so that a provider failing before it can be replaced unseen. */
  #held: StreamPart[] | null = [];
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  #outputChars = 0;
  #failed = false;

  constructor(host: ReceiverHost) {
    const { run, outgoing } = host;
    this.#host = host;
    this.#decoder = outgoing.protocol.upstream.decodeStream(outgoing.target);
    this.#encoder = downstreamOf(run.call).encodeStream(run.answerContext());
  }

  data(bytes: Bytes): void {
    this.#guarded(() => this.#events(this.#framing.push(bytes)));
  }

  end(broken: ReceivedFailure | null): void {
    this.#guarded(() => {
      // Half an event is no event.
      if (broken === null) this.#events(this.#framing.end());
      this.#parts(this.#decoder.end());
    });
    if (this.#failed) return;
    if (this.#finish === null) {
      this.#fail(broken ?? STOPPED);
      return;
    }
    if (this.#held !== null) {
      if (endsByItself(this.#finish) && mustSaySomething(this.#host.run)) {
        this.#host.emptied({ bytes: this.#framed(this.#heldEvents(this.#held)), streamed: true });
        return;
      }
      this.#commit();
    }
    this.#emit(this.#encoder.end());
    this.#host.answered({ body: null, finish: this.#finish, ...this.counted() });
  }

  get whole(): boolean {
    return this.#finish !== null && !this.#failed;
  }

  counted(): Counted {
    return { usage: this.#usage, outputChars: this.#outputChars };
  }

  #events(events: readonly SseEvent[]): void {
    for (const { name, data } of events) {
      if (this.#failed) return;
      this.#parts(this.#decoder.push({ name, data: bytesToText(data) }));
    }
  }

  #parts(parts: readonly StreamPart[]): void {
    for (const part of parts) {
      if (this.#failed) return;
      this.#note(part);
      if (part.type === 'error') this.#hearError(part);
      else if (this.#held === null) this.#pass(part);
      else this.#hold(this.#held, part);
    }
  }

  // An error behind the finish is an afterword: the answer was whole, and a client that saw it would throw it away.
  #hearError({ kind, message }: Extract<StreamPart, { type: 'error' }>): void {
    if (this.#finish === null) this.#fail({ kind, message });
  }

  #hold(held: StreamPart[], part: StreamPart): void {
    held.push(part);
    if (isContent(part)) this.#commit();
  }

  #commit(): void {
    const held = this.#held;
    assert(held !== null, 'a translated stream commits once');
    this.#held = null;
    this.#host.commit();
    const { delivery } = this.#host.run;
    if (delivery !== null) delivery.encoder = this.#encoder;
    for (const part of held) this.#pass(part);
  }

  #pass(part: StreamPart): void {
    this.#host.run.delivery?.notePart(part);
    this.#emit(this.#encoder.push(part));
  }

  #heldEvents(held: readonly StreamPart[]): readonly WireEvent[] {
    return [...held.flatMap((part) => this.#encoder.push(part)), ...this.#encoder.end()];
  }

  #framed(events: readonly WireEvent[]): Bytes {
    return textToBytes(downstreamOf(this.#host.run.call).frame(events));
  }

  #note(part: StreamPart): void {
    switch (part.type) {
      case 'usage':
        this.#usage = this.#usage === null ? part.usage : laterUsage(this.#usage, part.usage);
        return;
      case 'finish':
        this.#finish = part.finish;
        return;
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
      case 'tool-input-delta':
        this.#outputChars += part.text.length;
        this.#host.progress();
        return;
      case 'block-start':
        this.#host.progress();
        return;
      default:
        return;
    }
  }

  #emit(events: readonly WireEvent[]): void {
    if (events.length > 0) this.#host.send(this.#framed(events));
  }

  #fail(failure: ReceivedFailure): void {
    this.#failed = true;
    this.#host.failed(failure);
  }

  // A codec that meets what it cannot read throws; that is a failure of this attempt and of nothing else.
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      this.#fail({
        kind: error.kind,
        message: error.message,
        retryAfterMs: error.detail.retryAfterMs ?? null,
      });
    }
  }
}

// The first thing that a client would miss: from here on another attempt must fit what was sent.
function isContent(part: StreamPart): boolean {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
    case 'tool-input-delta':
      return part.text !== '';
    case 'block-start':
      return part.block.type === 'tool-call' || part.block.type === 'native' || part.block.type === 'media';
    default:
      return false;
  }
}
