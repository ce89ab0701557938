import { bytesToText, textToBytes, type Bytes } from '../base/bytes.ts';
import { brandText } from '../base/brand.ts';
import { parseJson, type Json } from '../base/json.ts';
import { GatewayError } from '../spec/error.ts';
import type { AssistantPart, GenerateResult } from '../spec/generate.ts';
import { downstreamOf } from './call.ts';
import { embedCodec } from './outgoing.ts';
import { isSilent, mustSaySomething, saysNothing } from './empty-answer.ts';
import { partsOf } from './parts-of.ts';
import type { Counted, ReceivedFailure, Receiver, ReceiverHost } from './receiver.ts';

/** Longest body of an answer that is not streamed. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** Collects an answer that is not streamed; nothing goes to the client before it is known to be good. */
export class WholeReceiver implements Receiver {
  /** Only the end of the body says so. */
  readonly whole = false;
  readonly #host: ReceiverHost;
  #body = '';

  constructor(host: ReceiverHost) {
    this.#host = host;
  }

  data(bytes: Bytes): void {
    this.#body += bytes;
    if (this.#body.length > BODY_BYTES_MAX) {
      this.#host.failed({
        kind: 'upstream_garbled',
        message: `its answer is longer than ${BODY_BYTES_MAX} bytes`,
      });
    }
  }

  end(broken: ReceivedFailure | null): void {
    if (broken !== null) {
      this.#host.failed(broken);
      return;
    }
    const body = brandText<Bytes>(this.#body);
    if (this.#host.outgoing.through && !this.#streamWanted()) this.#pass(body);
    else this.#translate(body);
  }

  // Nothing of an answer that is not whole was used by anybody.
  counted(): Counted {
    return { usage: null, outputChars: 0 };
  }

  // Some providers answer a request for a stream with a whole answer; the client still gets its stream.
  #streamWanted(): boolean {
    return this.#host.run.admitted?.stream ?? false;
  }

  #answer(result: GenerateResult): void {
    const { run } = this.#host;
    const downstream = downstreamOf(run.call);
    const counted = { finish: result.finish, usage: result.usage, outputChars: outputChars(result) };
    const empty = saysNothing(result) && mustSaySomething(run);
    if (!this.#streamWanted()) {
      const answer = downstream.encodeResult(result, run.answerContext());
      const body = textToBytes(JSON.stringify(answer));
      if (empty) this.#host.emptied({ bytes: body, streamed: false });
      else this.#host.answered({ body, ...counted });
      return;
    }
    const encoder = downstream.encodeStream(run.answerContext());
    const events = [...partsOf(result).flatMap((part) => encoder.push(part)), ...encoder.end()];
    const bytes = textToBytes(downstream.frame(events));
    if (empty) {
      this.#host.emptied({ bytes, streamed: true });
      return;
    }
    this.#host.commit();
    this.#host.send(bytes);
    this.#host.answered({ body: null, ...counted });
  }

  #answerVectors(body: Json): void {
    const { run, outgoing } = this.#host;
    const result = embedCodec(outgoing.protocol).decodeResult(body);
    const answer = downstreamOf(run.call).embed?.encodeResult(result, run.decodedEmbed()) ?? null;
    this.#host.answered({
      body: textToBytes(JSON.stringify(answer)),
      finish: null,
      // Vectors are no output tokens.
      usage: { ...result.usage, output: result.usage.output ?? 0 },
      outputChars: 0,
    });
  }

  #pass(body: Bytes): void {
    const { protocol, target } = this.#host.outgoing;
    const listener = protocol.passthrough.listener(target, this.#host.run.admitted?.top);
    listener.readBody(body);
    const { heard } = listener;
    if (heard.error !== null) this.#host.failed(heard.error);
    else if (!heard.complete)
      this.#host.failed({
        kind: 'upstream_garbled',
        message: `its answer is not a whole one: ${opening(body)}`,
      });
    else if (isSilent(heard) && mustSaySomething(this.#host.run))
      this.#host.emptied({ bytes: body, streamed: false });
    else
      this.#host.answered({ body, finish: heard.finish, usage: heard.usage, outputChars: heard.outputChars });
  }

  #translate(body: Bytes): void {
    const { outgoing } = this.#host;
    const parsed = parseJson(bytesToText(body));
    if (parsed.type === 'bad') {
      this.#host.failed({ kind: 'upstream_garbled', message: `its answer is not JSON: ${notJson(body)}` });
      return;
    }
    try {
      if (this.#host.run.call.surface.operation === 'embed') this.#answerVectors(parsed.value);
      else this.#answer(outgoing.protocol.upstream.decodeResult(parsed.value, outgoing.target));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      this.#host.failed({
        kind: error.kind,
        message: error.message,
        retryAfterMs: error.detail.retryAfterMs ?? null,
      });
    }
  }
}

function outputChars(result: GenerateResult): number {
  return result.parts.reduce((sum, part) => sum + charsOf(part), 0);
}

function charsOf(part: AssistantPart): number {
  if (part.type === 'tool-call') return part.arguments.length;
  return 'text' in part ? (part.text?.length ?? 0) : 0;
}

// What began as an answer holds words of one, which are nobody's but the client's.
function notJson(body: Bytes): string {
  return /^\s*[{[]/.test(body) ? `it is broken after ${body.length} bytes` : opening(body);
}

/** The first words of a body that should have been something else, for the log. */
export function opening(body: Bytes): string {
  const text = bytesToText(body).replaceAll(/\s+/g, ' ').trim();
  return text === '' ? 'the body is empty' : `"${text.slice(0, 120)}"`;
}
