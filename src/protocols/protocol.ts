import type { Bytes } from '../base/bytes.ts';
import type { Json } from '../base/json.ts';
import type { TopLevel } from '../base/json-scan.ts';
import type { EmbedRequest, EmbedResult } from '../spec/embed.ts';
import type { ErrorKind, GatewayError } from '../spec/error.ts';
import type { Finish, GenerateRequest, GenerateResult, Warning } from '../spec/generate.ts';
import type { Capabilities } from '../spec/model.ts';
import type { Quirks } from '../spec/provider.ts';
import type { StreamPart } from '../spec/stream.ts';
import type { Usage } from '../spec/usage.ts';
import type { Headers, WireError, WireEvent } from '../spec/wire.ts';

/**
 * A wire format as pure code, used from both sides: *downstream* we answer a client that speaks it, *upstream* we call a
 * provider that speaks it. `upstream.decode(downstream.encode(x)) = x` and `downstream.decode(upstream.encode(x)) = x`
 * are property tests; N clients and M providers cost N + M codecs.
 */
export interface Protocol {
  readonly id: string;
  readonly downstream: Downstream;
  readonly upstream: Upstream;
  readonly passthrough: Passthrough;
}

/** A step of a stream with a memory. `end` is called once, when the input is over, however it ended. */
export interface Pump<In, Out> {
  push(input: In): readonly Out[];
  end(): readonly Out[];
  /** Whether it has read what it tells only later, or has no word for: what came out is then less than what went in. */
  readonly holds?: boolean;
}

/** What an answer towards the client needs to know besides its content. */
export interface AnswerContext {
  /** The gateway's id of the request; becomes the answer's id where the wire wants one and the provider gave none. */
  readonly requestId: string;
  /** The name under which the client asked for the model. */
  readonly model: string;
  readonly createdAtS: number;
  /** The decoded request, for what the answer's form depends on (streamed usage, tool names, output format). */
  readonly request: GenerateRequest;
  /** Estimated input tokens, for wires that announce usage before it is known. */
  readonly inputTokensEstimate: number;
}

/** A wire as our clients speak it: requests are decoded, answers and errors encoded. */
export interface Downstream {
  /** Makes the request of a JSON body, or throws `GatewayError('invalid_request')` that names the field. */
  decodeRequest(body: Json, path: RequestPath): GenerateRequest;
  encodeResult(result: GenerateResult, context: AnswerContext): Json;
  /** Stream parts to this wire's events; the last event of a finished stream includes the wire's terminator. */
  encodeStream(context: AnswerContext): Pump<StreamPart, WireEvent>;
  /**
   * The same for a client that has got the beginning already, from a provider of this wire: `seen` says what it has. The
   * events that follow go on behind it.
   */
  resumeStream(context: AnswerContext, seen: readonly StreamPart[]): Pump<StreamPart, WireEvent>;
  /** An error as status, headers and body in this wire's own envelope. Total over all kinds. */
  encodeError(error: GatewayError, requestId: string): WireError;
  /** The same in the middle of a stream; after it the socket is cut. */
  encodeStreamError(error: GatewayError, requestId: string): readonly WireEvent[];
  /** Events as the text of this wire's streams. */
  frame(events: readonly WireEvent[]): string;
  /** Whether clients send reasoning back with the signature of its provider, so that a part of it without one is worth nothing. */
  readonly signsReasoning: boolean;
  /** Questions for the number of input tokens, on wires that have them. */
  readonly countTokens?: DownstreamCount;
  /** Embeddings, on wires that have them. */
  readonly embed?: DownstreamEmbed;
}

/** Embeddings as our clients ask for them. */
export interface DownstreamEmbed {
  decodeRequest(body: Json): EmbedRequest;
  encodeResult(result: EmbedResult, request: EmbedRequest): Json;
}

/** Questions for a number of tokens, as our clients ask them. */
export interface DownstreamCount {
  /** As for an answer, without what only an answer needs. */
  decodeRequest(body: Json, path: RequestPath): GenerateRequest;
  encodeResult(inputTokens: number): Json;
}

/** What the address of a request says: Gemini names model and method there, the others only in the body. */
export interface RequestPath {
  readonly model?: string;
  readonly stream?: boolean;
}

/** The target of an encoding: the upstream model and what it and its provider can take. */
export interface EncodeTarget {
  readonly model: string;
  readonly capabilities: Capabilities;
  readonly quirks: Quirks;
  /** The request that is being answered, given to the decoders: tool names that were shortened are mapped back by it. */
  readonly request?: GenerateRequest;
}

/** A request as a provider takes it. */
export interface EncodedRequest {
  readonly body: Json;
  /** What the target cannot express, or takes in another way. */
  readonly warnings: readonly Warning[];
}

/** A provider's refusal, understood. */
export interface ProviderFailure {
  readonly kind: ErrorKind;
  /** The provider's own message, scrubbed of anything that looks like a key. */
  readonly message: string;
  readonly code: string | null;
  /** The field of the request that the provider names, as a path in its own wire. */
  readonly field?: string;
  readonly retryAfterMs: number | null;
  readonly tokens?: number;
  readonly tokensMax?: number;
}

/** A wire as providers speak it: requests are encoded, answers and errors decoded. */
export interface Upstream {
  /** Path below the provider's base URL, with a leading slash. */
  path(model: string, stream: boolean): string;
  /** Headers of this wire besides authentication, such as a version. */
  readonly headers: Headers;
  encodeRequest(request: GenerateRequest, target: EncodeTarget): EncodedRequest;
  /** Throws `GatewayError('upstream_garbled')` where the body is not this wire's, or the error that it carries. */
  decodeResult(body: Json, target: EncodeTarget): GenerateResult;
  /** Lenient towards what providers send; a stream that ends without a finish yields no `finish` part. */
  decodeStream(target: EncodeTarget): Pump<WireEvent, StreamPart>;
  /**
   * Classifies by structure (status, type, code) first and by wording last. Never throws. `nowMs` is what dates in the
   * headers are read against where the answer has no date of its own; without it they say nothing.
   */
  decodeError(status: number, headers: Headers, body: Bytes, nowMs?: number | null): ProviderFailure;
  readonly embed?: UpstreamEmbed;
}

/** Embeddings as providers make them. */
export interface UpstreamEmbed {
  path(model: string): string;
  encodeRequest(request: EmbedRequest, target: EncodeTarget): EncodedRequest;
  decodeResult(body: Json): EmbedResult;
}

/** A header of the client that goes along, where its value is one that the provider can understand. */
export interface ForwardedHeader {
  /** In lower case. */
  readonly name: string;
  readonly accepts: RegExp;
}

/** Client and provider speak this wire: bytes go through, a listener reads what the ledger and failover need. */
export interface Passthrough {
  /** Headers of the client, in lower case, that go along to a provider of the same wire: versions and betas. */
  readonly forwards?: readonly ForwardedHeader[];
  /** What ends a whole stream on this wire, framed; sent on behalf of providers that leave it out. Missing: nothing does. */
  readonly terminator?: string;
  /**
   * Top-level fields of the body to set (as JSON text) or remove (null) for this target; null where the body cannot
   * pass as it is and must be decoded and encoded (a role or a field that this target refuses). What lies deeper than the
   * top level is searched for in the raw body.
   */
  edits(
    body: TopLevel,
    stream: boolean,
    target: EncodeTarget,
  ): { readonly [field: string]: string | null } | null;
  /** A listener for one answer of a target; `body` is the client's own, by which it knows what the client asked for. */
  listener(target: EncodeTarget, body?: TopLevel): Listener;
}

/** Follows an answer that passes through, parsing only what it must. */
export interface Listener {
  /** Reads the events of one piece of a stream, given as byte strings. */
  readEvent(name: string, data: Bytes): void;
  /**
   * Whether a piece of a stream, one event or several, holds anything that must be read after content began. It may say
   * yes without need, never no; pieces that it says no to go to the client unread.
   */
  worthReading(events: string): boolean;
  /** Whether the client must not see this event: usage that only `edits` asked for, or an error after a whole answer. */
  hides?(name: string, data: Bytes): boolean;
  /** Reads a whole JSON answer. */
  readBody(body: Bytes): void;
  /** Whether the wire's own end of a stream has come, in whatever form; missing: it always comes as `terminator` stands. */
  readonly ended?: boolean;
  readonly heard: Heard;
}

/** What a listener has heard so far. */
export interface Heard {
  readonly usage: Usage | null;
  readonly finish: Finish | null;
  /** An error inside the 200, in the middle or at the start. */
  readonly error: ProviderFailure | null;
  /** Whether anything was sent that the client would miss: text, reasoning, a tool call. */
  readonly content: boolean;
  /** Whether the answer ended as this wire ends a whole answer. */
  readonly complete: boolean;
  /** Length of the visible output in characters, for estimates where the provider does not count. */
  readonly outputChars: number;
}
