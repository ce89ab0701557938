import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandText } from '../../base/brand.ts';
import { textToBytes, type Bytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import { ERROR_KINDS, GatewayError, type ErrorKind } from '../../spec/error.ts';
import type { GenerateRequest, GenerateResult } from '../../spec/generate.ts';
import { UNKNOWN_CAPABILITIES } from '../../spec/model.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import type { StreamPart } from '../../spec/stream.ts';
import { SseDecoder, toWireEvent } from '../framing/sse.ts';
import type { AnswerContext, EncodeTarget, Protocol } from '../protocol.ts';
import {
  cut,
  generateRequest,
  generateResult,
  pieceSizes,
  SEED,
  streamOf,
  type Sign,
} from './arbitraries.ts';
import { collect } from './collect.ts';

/** What a wire brings to the suite that all wires pass. */
export interface ProtocolCase {
  /** Streams as they come from providers of this wire, as event-stream text. */
  readonly fixtures: readonly { readonly name: string; readonly stream: string }[];
  /** The target for which requests are encoded and answers decoded. */
  readonly target?: EncodeTarget;
  /** The request as this wire can say it at best: what a round trip is compared with. */
  readonly canonicalRequest?: (request: GenerateRequest) => GenerateRequest;
  /** The answer as this wire can say it at best. */
  readonly canonicalResult?: (result: GenerateResult) => GenerateResult;
  /** Makes the signed state of a reasoning in this wire's form; a plain signature where it is not given. */
  readonly sign?: Sign;
}

/** A target about which nothing special is known. */
export const PLAIN_TARGET: EncodeTarget = {
  model: 'upstream-model',
  capabilities: UNKNOWN_CAPABILITIES,
  quirks: NO_QUIRKS,
};

/** An answer's context for tests. */
export function contextOf(request: Partial<GenerateRequest> = {}): AnswerContext {
  return {
    requestId: 'req_test',
    model: 'public-model',
    createdAtS: 1_792_567_680,
    request: { model: 'public-model', stream: true, messages: [], tools: [], streamUsage: true, ...request },
    inputTokensEstimate: 7,
  };
}

/** Decodes an event stream that arrives in these pieces. */
export function decodePieces(
  protocol: Protocol,
  pieces: readonly string[],
  target = PLAIN_TARGET,
): StreamPart[] {
  const framing = new SseDecoder();
  const pump = protocol.upstream.decodeStream(target);
  const parts: StreamPart[] = [];
  const feed = (events: ReturnType<SseDecoder['push']>): void => {
    for (const event of events) parts.push(...pump.push(toWireEvent(event)));
  };
  for (const piece of pieces) feed(framing.push(brandText<Bytes>(piece)));
  feed(framing.end());
  return [...parts, ...pump.end()];
}

/** The tests that every wire must pass: round trips, any cutting of streams, an envelope for every kind of error. */
export function describeProtocol(protocol: Protocol, given: ProtocolCase): void {
  const target = given.target ?? PLAIN_TARGET;
  const origin = protocol.id;
  const canonicalResult = given.canonicalResult ?? ((result) => result);
  const canonicalRequest = given.canonicalRequest ?? ((request) => request);

  describe(`${protocol.id}: round trips`, () => {
    it('brings an answer back from its own encoding', () => {
      fc.assert(
        fc.property(generateResult(origin, given.sign), (result) => {
          const encoded = overTheWire(protocol.downstream.encodeResult(result, contextOf({ stream: false })));
          const back = protocol.upstream.decodeResult(encoded, target);
          expect(comparable(back)).toEqual(comparable(canonicalResult(result)));
        }),
        { seed: SEED, numRuns: 200 },
      );
    });

    it('brings a request back from its own encoding', () => {
      fc.assert(
        fc.property(generateRequest(origin, given.sign), (request) => {
          const { body, warnings } = protocol.upstream.encodeRequest(request, {
            ...target,
            model: request.model,
          });
          expect(warnings).toEqual([]);
          const path = { model: request.model, stream: request.stream };
          const back = protocol.downstream.decodeRequest(overTheWire(body), path);
          expect(settled(back)).toEqual(settled(canonicalRequest(request)));
        }),
        { seed: SEED, numRuns: 200 },
      );
    });

    it('brings a stream back from its own encoding, however the bytes are cut', () => {
      fc.assert(
        fc.property(
          generateResult(origin, given.sign),
          pieceSizes,
          pieceSizes,
          (result, textSizes, byteSizes) => {
            const bytes = textToBytes(encodedStream(protocol, streamOf(result, textSizes)));
            const collected = collect(decodePieces(protocol, cut(bytes, byteSizes), target));
            expect(collected.error).toBeNull();
            const back: GenerateResult = { ...collected.result, finish: collected.finish! };
            expect(comparable(back)).toEqual(comparable(canonicalResult(result)));
          },
        ),
        { seed: SEED, numRuns: 200 },
      );
    });
  });

  describe(`${protocol.id}: streams`, () => {
    it('yields no finish for a stream that was cut before it', () => {
      fc.assert(
        fc.property(generateResult(origin, given.sign), fc.nat(), (result, where) => {
          const whole = streamOf(result, [5]);
          const parts = whole.slice(0, 1 + (where % (whole.length - 2)));
          const decoded = decodePieces(protocol, [textToBytes(encodedStream(protocol, parts))], target);
          expect(decoded.map((part) => part.type)).not.toContain('finish');
        }),
        { seed: SEED, numRuns: 100 },
      );
    });

    it.each(given.fixtures.map(({ name, stream }) => [name, stream] as const))(
      'decodes %s alike however it is cut and whatever its line ends are',
      (_, stream) => {
        const bytes = textToBytes(stream);
        const whole = decodePieces(protocol, [bytes], target);
        collect(whole);
        expect(decodePieces(protocol, [...cut(bytes, [1])], target)).toEqual(whole);
        const feeds = bytes.replaceAll('\r\n', '\n');
        expect(decodePieces(protocol, [feeds.replaceAll('\n', '\r\n')], target)).toEqual(whole);
        fc.assert(
          fc.property(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }), (sizes) => {
            expect(decodePieces(protocol, cut(bytes, sizes), target)).toEqual(whole);
          }),
          { seed: SEED, numRuns: 5 },
        );
      },
    );
  });

  describe(`${protocol.id}: errors`, () => {
    it.each(Object.keys(ERROR_KINDS) as ErrorKind[])('has an envelope for %s', (kind) => {
      const error = new GatewayError(kind, 'What happened, and what to do.', { retryAfterMs: 1500 });
      const { status, headers, body } = protocol.downstream.encodeError(error, 'req_test');
      expect(status).toBe(ERROR_KINDS[kind].status);
      expect(JSON.stringify(body)).toContain('What happened, and what to do.');
      expect(headers.every(([name]) => name === name.toLowerCase())).toBe(true);
      const failure = protocol.upstream.decodeError(status, headers, textToBytes(JSON.stringify(body)));
      expect(failure.message).toContain('What happened');
      const events = protocol.downstream.encodeStreamError(error, 'req_test');
      expect(JSON.stringify(events)).toContain('What happened');
      const decoded = decodePieces(protocol, [textToBytes(protocol.downstream.frame(events))], target);
      expect(decoded.at(-1)?.type).toBe('error');
    });

    it('understands a refusal whatever its body is', () => {
      const body = fc.oneof(fc.json(), fc.string(), fc.constant('<html><body>502 Bad Gateway</body></html>'));
      fc.assert(
        fc.property(fc.integer({ min: 200, max: 599 }), body, (status, content) => {
          const failure = protocol.upstream.decodeError(status, [], textToBytes(content));
          expect(Object.keys(ERROR_KINDS)).toContain(failure.kind);
        }),
        { seed: SEED, numRuns: 300 },
      );
    });

    it('refuses any malformed request with invalid_request and nothing else', () => {
      fc.assert(
        fc.property(fc.jsonValue(), (body) => {
          expect(refusalOf(() => protocol.downstream.decodeRequest(body as Json, { model: 'm' }))).toMatch(
            /^(none|invalid_request)$/,
          );
        }),
        { seed: SEED, numRuns: 500 },
      );
    });
  });
}

function encodedStream(protocol: Protocol, parts: readonly StreamPart[]): string {
  const pump = protocol.downstream.encodeStream(contextOf());
  const events = [...parts.flatMap((part) => [...pump.push(part)]), ...pump.end()];
  return protocol.downstream.frame(events);
}

function refusalOf(decode: () => unknown): string {
  try {
    decode();
    return 'none';
  } catch (error) {
    return error instanceof GatewayError ? error.kind : String(error);
  }
}

function overTheWire(body: Json): Json {
  return JSON.parse(JSON.stringify(body)) as Json;
}

// The answer's model is the public name on purpose, and the wire's own words are not part of the meaning.
function comparable(result: GenerateResult): unknown {
  const { model: _model, extras: _extras, finish, ...rest } = result;
  return { ...rest, finish: finish.reason };
}

// Fields that only say how the answer is delivered, and unknown fields, are not part of the meaning.
function settled(request: GenerateRequest): unknown {
  const { streamUsage: _streamUsage, extras: _extras, ...rest } = request;
  return rest;
}
