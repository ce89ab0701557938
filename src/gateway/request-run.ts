import { isObject, parseJson, type Json } from '../base/json.ts';
import { bytesToTextStrict } from '../base/bytes.ts';
import type { Slots } from '../base/slots.ts';
import { timeId } from '../base/time-id.ts';
import type { TopLevel } from '../base/json-scan.ts';
import type { Plan } from '../routing/plan.ts';
import type { Attempt } from '../spec/attempt.ts';
import type { EmbedRequest } from '../spec/embed.ts';
import { GatewayError, invalid } from '../spec/error.ts';
import type { GenerateRequest } from '../spec/generate.ts';
import type { Priority } from '../spec/health.ts';
import type { Caller } from '../spec/identity.ts';
import type { AnswerContext, Downstream, DownstreamCount } from '../protocols/protocol.ts';
import { downstreamOf, type InferenceCall } from './call.ts';
import { CHARS_PER_TOKEN } from './facts.ts';
import type { ClientStream } from './client-stream.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { GatewayPorts } from './ports.ts';
import type { NamedRoute, Snapshot } from './snapshot.ts';

/** What was admitted: a request that is allowed, understood as far as routing needs, and planned. */
export interface Admitted {
  readonly caller: Caller;
  readonly top: TopLevel;
  readonly model: string;
  readonly stream: boolean;
  readonly named: NamedRoute;
  readonly plan: Plan;
  readonly priority: Priority;
  /** Whether the caller takes a loss of translation for an error; a target's own `strict` says the same for all callers. */
  readonly strict: boolean;
  readonly tags: readonly string[];
}

/**
 * Something under way that can be given up. An object and not a function: V8 keeps a function literal that is assigned to a
 * property alive, with all that it reaches, until a full collection, which cost a quarter of the time of a request.
 */
export interface Abandonable {
  abandon(): void;
}

/** The requests that are being served, for whoever has to end them. */
export type RequestsUnderWay = Slots<RequestRun>;

/** The state of one request from its arrival to its one final answer. */
export class RequestRun {
  readonly ports: GatewayPorts;
  readonly snapshot: Snapshot;
  /** What was asked; its sink is another one from the moment that the answer is kept. */
  call: InferenceCall;
  readonly id: string;
  readonly startedAtMs: number;
  /** The same moment on the monotonic clock. */
  readonly startedMs: number;
  readonly attempts: Attempt[] = [];
  /** Who asks and for what, each known from the moment that `admit` has read it: a refusal is logged with them. */
  caller: Caller | null = null;
  model: string | null = null;
  stream = false;
  /** Known from `admit` on. */
  admitted: Admitted | null = null;
  /** The client's stream; null where the answer is not streamed. */
  out: ClientStream | null = null;
  /** What the client has been sent of an answer that could go on elsewhere; null where none can. */
  delivery: DeliveryLog | null = null;
  firstTokenMs: number | null = null;
  /** Time spent waiting for providers, for the overhead. */
  waitedMs = 0;
  answerBytes = 0;
  /** Target of the first of them. */
  firstCalled: string | null = null;
  /** Calls to providers that were begun. */
  calls = 0;
  /** What to give up when the client goes away: the attempt under way, or the wait before the next. */
  underWay: Abandonable | null = null;
  /** Set when the gateway itself ends the request; it is then told so instead of whatever follows. */
  interruption: GatewayError | null = null;
  #decoded: GenerateRequest | null = null;
  #decodedEmbed: EmbedRequest | null = null;

  constructor(ports: GatewayPorts, call: InferenceCall) {
    const { clock, random } = ports.runtime;
    this.ports = ports;
    this.call = call;
    this.snapshot = ports.snapshot();
    this.startedAtMs = clock.nowMs();
    this.startedMs = clock.monotonicMs();
    this.id = timeId('req_', this.startedAtMs, random.hex(6));
  }

  /** Whether the client has a status already: a failure can only be told inside its stream. */
  get opened(): boolean {
    return this.out?.opened ?? false;
  }

  /** Gives up what is under way, and tells the client this. */
  interrupt(error: GatewayError): void {
    this.interruption ??= error;
    this.underWay?.abandon();
  }

  /** Milliseconds since the request arrived. */
  elapsedMs(): number {
    return this.ports.runtime.clock.monotonicMs() - this.startedMs;
  }

  /** The wall clock as it was when the request arrived, plus the time since: setting it moves no deadline of a request. */
  nowMs(): number {
    return Math.floor(this.startedAtMs + this.elapsedMs());
  }

  /** The request in the shared language, decoded when something first needs it. */
  decoded(): GenerateRequest {
    const downstream = downstreamOf(this.call);
    const counting = this.call.surface.operation === 'count-tokens';
    const decoder = counting ? countingOf(downstream) : downstream;
    this.#decoded ??= decoder.decodeRequest(this.#body(), this.call.path);
    return this.#decoded;
  }

  /** The request for embeddings in the shared language. */
  decodedEmbed(): EmbedRequest {
    const { embed } = downstreamOf(this.call);
    if (embed === undefined) throw new GatewayError('not_found', 'This API has no embeddings.');
    this.#decodedEmbed ??= embed.decodeRequest(this.#body());
    return this.#decodedEmbed;
  }

  /** What an encoder of the answer needs to know. */
  answerContext(): AnswerContext {
    const request = this.decoded();
    return {
      requestId: this.id,
      model: this.admitted?.model ?? request.model,
      createdAtS: Math.floor(this.startedAtMs / 1000),
      request,
      inputTokensEstimate: this.inputTokensEstimate(),
    };
  }

  /** The prompt in tokens, estimated from its length. */
  inputTokensEstimate(): number {
    return Math.max(1, Math.ceil(this.call.body.length / CHARS_PER_TOKEN));
  }

  #body(): Json {
    const text = bytesToTextStrict(this.call.body);
    if (text === null) throw invalid('', 'The body is not valid UTF-8.');
    const parsed = parseJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    if (parsed.type === 'bad') throw invalid('', `The body is not valid JSON: ${parsed.reason}.`);
    return withoutOwnFields(parsed.value);
  }
}

/** How a wire asks for the number of a request's tokens; the error of a wire that cannot ask. */
export function countingOf({ countTokens }: Downstream): DownstreamCount {
  if (countTokens === undefined) throw new GatewayError('not_found', 'This API does not count tokens.');
  return countTokens;
}

/** Fields of a body that are addressed to the gateway; no provider sees them. */
export const OWN_FIELDS = ['models', 'background'] as const;

function withoutOwnFields(body: Json): Json {
  if (!isObject(body) || !OWN_FIELDS.some((name) => Object.hasOwn(body, name))) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !isOwn(name)));
}

function isOwn(name: string): boolean {
  return OWN_FIELDS.some((own) => own === name);
}

/** The error that ends a request, whatever was thrown. Anything but a `GatewayError` is a fault of our own. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError(
    'internal',
    'The gateway failed on this request; its log has the particulars.',
    {},
    error,
  );
}
