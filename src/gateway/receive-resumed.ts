import { assert } from '../base/assert.ts';
import { brandText } from '../base/brand.ts';
import { bytesToText, textToBytes, type Bytes } from '../base/bytes.ts';
import { parseJson } from '../base/json.ts';
import type { AnswerContext, Pump } from '../protocols/protocol.ts';
import { SseDecoder, type SseEvent } from '../protocols/framing/sse.ts';
import { Continuation } from '../resumption/continuation.ts';
import { deliveredParts } from './delivered-parts.ts';
import type { Delivered } from '../resumption/delivered.ts';
import { resumeRules } from '../resumption/ways.ts';
import type { Attempt, ResumeMethod } from '../spec/attempt.ts';
import { GatewayError } from '../spec/error.ts';
import type { Finish } from '../spec/generate.ts';
import type { BlockStart, StreamPart } from '../spec/stream.ts';
import { laterUsage, type Usage } from '../spec/usage.ts';
import type { WireEvent } from '../spec/wire.ts';
import { downstreamOf } from './call.ts';
import { partsOf } from './parts-of.ts';
import { STOPPED, type Counted, type ReceivedFailure, type Receiver, type ReceiverHost } from './receiver.ts';
import type { RequestRun } from './request-run.ts';

/** Whether the answer that goes on comes as a stream, or whole from a provider that was asked for a stream. */
type Form = 'stream' | 'whole';

/** Longest body of an answer that came whole. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Goes on with an answer of which the client has a part, from another attempt: the new parts are fitted to the old ones, and
 * an encoder that has been shown the old ones writes the rest in the client's wire, under the ids that the client knows.
 */
export class ResumedReceiver implements Receiver {
  readonly #host: ReceiverHost;
  readonly #form: Form;
  readonly #method: ResumeMethod;
  readonly #framing = new SseDecoder();
  readonly #decoder: Pump<WireEvent, StreamPart>;
  readonly #continuation: Continuation;
  readonly #encoder: Pump<StreamPart, WireEvent>;
  #body = '';
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  #outputChars = 0;
  /** Whether it said anything, fitting or not. */
  #content = false;
  #failed = false;

  constructor(host: ReceiverHost, form: Form) {
    const { run, outgoing, resume } = host;
    const { delivery } = run;
    assert(delivery !== null && resume !== null, 'only what was sent is resumed');
    this.#host = host;
    this.#form = form;
    const before = delivery.delivered();
    this.#method = resume;
    this.#decoder = outgoing.protocol.upstream.decodeStream(outgoing.target);
    const downstream = downstreamOf(run.call);
    const rules = resumeRules(run.decoded(), before, { reasoningSigned: downstream.signsReasoning });
    this.#continuation = new Continuation(before, resume, rules);
    this.#encoder =
      delivery.encoder ?? downstream.resumeStream(contextOf(run, before), deliveredParts(before));
  }

  data(bytes: Bytes): void {
    if (this.#form === 'stream') {
      this.#guarded(() => this.#events(this.#framing.push(bytes)));
      return;
    }
    this.#body += bytes;
    if (this.#body.length > BODY_BYTES_MAX)
      this.#fail({
        kind: 'upstream_garbled',
        message: `its answer is longer than ${BODY_BYTES_MAX} bytes`,
      });
  }

  end(broken: ReceivedFailure | null): void {
    this.#guarded(() => {
      if (this.#form === 'whole') {
        if (broken === null) this.#readBody();
        return;
      }
      // Half an event is no event.
      if (broken === null) this.#events(this.#framing.end());
      this.#parts(this.#decoder.end());
    });
    if (this.#failed) return;
    if (this.#finish === null) {
      this.#fail(broken ?? STOPPED);
      return;
    }
    this.#send(this.#continuation.end());
    if (this.#hasDiverged()) return;
    this.#commit();
    this.#emit(this.#encoder.end());
    this.#host.answered({ body: null, finish: this.#finish, ...this.counted() });
  }

  get whole(): boolean {
    return this.#finish !== null && !this.#failed;
  }

  counted(): Counted {
    return { usage: this.#usage, outputChars: this.#outputChars };
  }

  #readBody(): void {
    const { outgoing } = this.#host;
    const parsed = parseJson(bytesToText(brandText<Bytes>(this.#body)));
    if (parsed.type === 'bad') {
      this.#fail({ kind: 'upstream_garbled', message: 'its answer is not JSON' });
      return;
    }
    this.#parts(partsOf(outgoing.protocol.upstream.decodeResult(parsed.value, outgoing.target)));
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
      this.#part(part);
    }
  }

  #part(part: StreamPart): void {
    // An error behind the finish is an afterword.
    if (part.type === 'error') {
      if (this.#finish === null) this.#fail({ kind: part.kind, message: part.message });
      return;
    }
    this.#note(part);
    if (this.#failed) return;
    this.#send(this.#continuation.push(part));
    this.#hasDiverged();
  }

  #note(part: StreamPart): void {
    switch (part.type) {
      case 'usage':
        this.#usage = this.#usage === null ? part.usage : laterUsage(this.#usage, part.usage);
        return;
      case 'finish':
        if (this.#isDoubtful()) this.#fail(NOTHING_TO_ADD);
        else this.#finish = part.finish;
        return;
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
      case 'tool-input-delta':
        this.#outputChars += part.text.length;
        this.#content ||= part.text !== '';
        this.#host.progress();
        return;
      case 'block-start':
        this.#content ||= comesWhole(part.block);
        this.#host.progress();
        return;
      default:
        return;
    }
  }

  // That nothing is missing is believed only of a target that has shown since the break that it speaks, if only by a new
  // answer that did not fit: one that says nothing to everything would make an end of any beginning.
  #isDoubtful(): boolean {
    if (this.#content || this.#method === 'restart') return false;
    const { address, run } = this.#host;
    return !run.attempts.some((attempt) => attempt.target === address && hasSpoken(attempt));
  }

  #send(parts: readonly StreamPart[]): void {
    if (parts.length === 0) return;
    this.#commit();
    const { delivery } = this.#host.run;
    if (delivery !== null) delivery.encoder = this.#encoder;
    for (const part of parts) {
      delivery?.notePart(part);
      this.#emit(this.#encoder.push(part));
    }
  }

  #commit(): void {
    if (!this.#host.committed) this.#host.commit();
  }

  #emit(events: readonly WireEvent[]): void {
    if (events.length > 0) this.#host.send(textToBytes(downstreamOf(this.#host.run.call).frame(events)));
  }

  #hasDiverged(): boolean {
    const { diverged } = this.#continuation;
    if (diverged !== null && !this.#failed) {
      const kind = this.#content ? 'upstream_diverged' : 'upstream_empty';
      this.#fail({ kind, message: diverged });
    }
    return diverged !== null;
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

const NOTHING_TO_ADD: ReceivedFailure = {
  kind: 'upstream_empty',
  message: 'it has nothing to add to an answer that broke off',
};

// Blocks that are content by being there.
function comesWhole({ type }: BlockStart): boolean {
  return type === 'tool-call' || type === 'native' || type === 'media';
}

// Whether the target said anything in this attempt, fitting or not, since the answer broke off: it may have fallen silent.
function hasSpoken({ resume, outcome }: Attempt): boolean {
  if (resume === null || outcome.type === 'answered') return false;
  return outcome.committed || outcome.kind === 'upstream_diverged';
}

// The client goes on hearing from whom it heard first: the ids and the name that its own stream began with.
function contextOf(run: RequestRun, { model }: Delivered): AnswerContext {
  const context = run.answerContext();
  const started = run.delivery?.started ?? null;
  if (started === null) return context;
  return {
    ...context,
    model: model ?? '',
    ...(started.createdAtS === undefined ? {} : { createdAtS: started.createdAtS }),
  };
}
