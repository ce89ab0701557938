import { brandText } from '../base/brand.ts';
import { textToBytes, type Bytes } from '../base/bytes.ts';
import { classifyTransport } from '../routing/classify.ts';
import type { ProviderFailure } from '../protocols/protocol.ts';
import type { Target } from '../routing/target.ts';
import type { GenerateRequest } from '../spec/generate.ts';
import type { CallResult } from '../spec/health.ts';
import type { Clock, Runtime } from '../spec/ports.ts';
import type { Headers, TransportFailure, WireCall, WireHandler, WireRequest } from '../spec/wire.ts';
import type { ProviderLink } from './snapshot.ts';

/** Longest answer to a probe that is read. */
const BODY_BYTES_MAX = 64 * 1024;

/** The cheapest question that a model answers: a few tokens in, one out. */
const QUESTION: GenerateRequest = {
  model: '',
  stream: false,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'ping' }] }],
  tools: [],
  maxOutputTokens: 1,
};

/** What a probe asks. */
export interface ProbeQuestion {
  readonly link: ProviderLink;
  readonly target: Target;
  readonly keyIndex: number;
  readonly timeoutMs: number;
}

/** Asks a target for one token, to see whether it answers; what it says does not matter. Never rejects. */
export function probe(
  { clock, transport }: Pick<Runtime, 'clock' | 'transport'>,
  question: ProbeQuestion,
): Promise<CallResult> {
  return new Promise((resolve) => {
    const end = (result: CallResult): void => {
      timer.cancel();
      call?.abort();
      resolve(result);
    };
    const timer = clock.after(question.timeoutMs, () =>
      end(failed('upstream_timeout', `it did not answer a probe within ${question.timeoutMs} ms`)),
    );
    let call: WireCall | null = null;
    try {
      const handler = new ProbeHandler(question, clock, end);
      call = transport.send(wireRequest(question), handler);
    } catch {
      // A wire that cannot ask this way cannot be probed this way.
      end({ type: 'abandoned' });
    }
  });
}

function failed(
  kind: Extract<CallResult, { type: 'failed' }>['kind'],
  message: string,
  retryAfterMs: number | null = null,
): CallResult {
  return { type: 'failed', kind, message, retryAfterMs };
}

function wireRequest({ link, target, keyIndex, timeoutMs }: ProbeQuestion): WireRequest {
  const { upstream } = link.protocol;
  const { model, capabilities, quirks } = target;
  const { body } = upstream.encodeRequest({ ...QUESTION, model }, { model, capabilities, quirks });
  return {
    method: 'POST',
    url: link.config.baseUrl + upstream.path(model, false),
    headers: link.headersByKey[keyIndex] ?? [],
    body: textToBytes(JSON.stringify(body)),
    connectTimeoutMs: Math.min(target.timeouts.connectMs, timeoutMs),
    headTimeoutMs: timeoutMs,
    allowPrivate: link.config.allowPrivate,
    provider: target.provider,
  };
}

class ProbeHandler implements WireHandler {
  readonly #question: ProbeQuestion;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #end: (result: CallResult) => void;
  #status = 0;
  #headers: Headers = [];
  #body = '';

  constructor(question: ProbeQuestion, clock: Clock, end: (result: CallResult) => void) {
    this.#question = question;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.#end = end;
  }

  onHead(status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
  }

  onData(bytes: Bytes): void {
    this.#body += bytes;
    if (this.#body.length > BODY_BYTES_MAX) this.onEnd();
  }

  onEnd(): void {
    const { upstream } = this.#question.link.protocol;
    if (this.#status >= 200 && this.#status <= 299) {
      const wrong = this.#wrongInside();
      if (wrong !== null) {
        this.#end(failed(wrong.kind, wrong.message, wrong.retryAfterMs));
        return;
      }
      const durationMs = this.#clock.monotonicMs() - this.#startedMs;
      this.#end({ type: 'answered', firstTokenMs: null, durationMs, outputTokens: null });
      return;
    }
    const body = brandText<Bytes>(this.#body);
    const { kind, message, retryAfterMs } = upstream.decodeError(
      this.#status,
      this.#headers,
      body,
      this.#clock.nowMs(),
    );
    this.#end(failed(kind, message, retryAfterMs));
  }

  // Errors, and the pages of those who stand before a provider, come with a 200 too.
  #wrongInside(): Pick<ProviderFailure, 'kind' | 'message' | 'retryAfterMs'> | null {
    const { link, target } = this.#question;
    const { model, capabilities, quirks } = target;
    const listener = link.protocol.passthrough.listener({ model, capabilities, quirks });
    listener.readBody(brandText<Bytes>(this.#body));
    const { error, complete } = listener.heard;
    if (error !== null || complete) return error;
    return { kind: 'upstream_garbled', message: 'its answer to a probe is none', retryAfterMs: null };
  }

  onFail(failure: TransportFailure): void {
    this.#end(failed(classifyTransport(failure), failure.message));
  }
}
