import { brandText } from '../../src/base/brand.ts';
import { textToBytes, type Bytes } from '../../src/base/bytes.ts';
import { partsOf } from '../../src/gateway/parts-of.ts';
import { SseDecoder, toWireEvent } from '../../src/protocols/framing/sse.ts';
import type { AnswerContext, EncodeTarget, Protocol } from '../../src/protocols/protocol.ts';
import { collect } from '../../src/protocols/testing/collect.ts';
import { providerOf } from '../../src/providers/index.ts';
import { GatewayError } from '../../src/spec/error.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/spec/model.ts';
import { NO_QUIRKS, type Quirks } from '../../src/spec/provider.ts';
import type { StreamPart } from '../../src/spec/stream.ts';
import type { WireEvent } from '../../src/spec/wire.ts';
import type { Json } from '../../src/base/json.ts';
import type { Value } from './oracle/reading.ts';
import { readEvents, type StreamEvent } from './oracle/sse.ts';
import type { Recording } from './recordings.ts';
import type { Wire } from './wires.ts';

/** A recorded answer after the upstream codec: the parts of a stream, whichever form it had. */
export interface Decoded {
  readonly parts: readonly StreamPart[];
}

const REQUEST_ID = 'req_replay';

/** Decodes a recorded answer with the codec of its wire, its bytes cut into these pieces. */
export function decode(wire: Wire, recording: Recording, cut: (bytes: Bytes) => readonly Bytes[]): Decoded {
  const target = targetOf(wire.protocol, recording);
  try {
    const { answer } = recording;
    if (answer.type === 'body') {
      return { parts: partsOf(wire.protocol.upstream.decodeResult(toJson(answer.body), target)) };
    }
    return { parts: decodeStream(wire.protocol, target, cut(textToBytes(answer.text))) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { parts: [{ type: 'error', kind: error.kind, message: error.message }] };
  }
}

function decodeStream(protocol: Protocol, target: EncodeTarget, pieces: readonly Bytes[]): StreamPart[] {
  const framing = new SseDecoder();
  const pump = protocol.upstream.decodeStream(target);
  const parts: StreamPart[] = [];
  for (const piece of pieces) {
    for (const event of framing.push(piece)) parts.push(...pump.push(toWireEvent(event)));
  }
  for (const event of framing.end()) parts.push(...pump.push(toWireEvent(event)));
  return [...parts, ...pump.end()];
}

/** The answer as our client gets it when it asked for a stream: the events, read back from the text that is sent. */
export function encodeStream(protocol: Protocol, { parts }: Decoded): readonly StreamEvent[] {
  const { downstream } = protocol;
  const pump = downstream.encodeStream(contextOf(parts));
  const failure = failureOf(parts);
  const events: WireEvent[] = [];
  for (const part of parts) {
    if (part.type !== 'error') events.push(...pump.push(part));
  }
  if (failure === null) events.push(...pump.end());
  else events.push(...downstream.encodeStreamError(failure, REQUEST_ID));
  return readEvents(downstream.frame(events));
}

/** The answer as our client gets it when it asked for a whole one: the answer's body, or an error's. */
export function encodeWhole(protocol: Protocol, { parts }: Decoded): Value {
  const failure = failureOf(parts);
  if (failure !== null) return overTheWire(protocol.downstream.encodeError(failure, REQUEST_ID).body);
  const { result, finish } = collect(parts);
  if (finish === null) throw new Error('an answer without a finish is a failure');
  return overTheWire(protocol.downstream.encodeResult({ ...result, finish }, contextOf(parts)));
}

// As in the gateway: a stream that stops without a finish is a failure, whatever came before.
function failureOf(parts: readonly StreamPart[]): GatewayError | null {
  const error = parts.find((part) => part.type === 'error');
  if (error !== undefined) return new GatewayError(error.kind, error.message);
  if (parts.some((part) => part.type === 'finish')) return null;
  return new GatewayError('upstream_garbled', "The provider's stream stopped without an end.");
}

/** What the codec may know about the provider that was recorded. */
export function targetOf(protocol: Protocol, recording: Recording): EncodeTarget {
  const model = recording.model === '' ? 'recorded-model' : recording.model;
  return { model, capabilities: UNKNOWN_CAPABILITIES, quirks: quirksOf(protocol, recording.provider) };
}

function quirksOf(protocol: Protocol, provider: string): Quirks {
  const definition = providerOf(provider);
  return definition?.protocol === protocol.id ? definition.quirks : NO_QUIRKS;
}

// Tools are told so that the encoders can map names back; everything else of a request does not shape its answer here.
function contextOf(parts: readonly StreamPart[]): AnswerContext {
  const names = parts.flatMap((part) =>
    part.type === 'block-start' && part.block.type === 'tool-call' ? [part.block.name] : [],
  );
  const tools = [...new Set(names)].map((name) => ({ type: 'function' as const, name, inputSchema: {} }));
  return {
    requestId: REQUEST_ID,
    model: 'public-model',
    createdAtS: 1_795_000_000,
    request: { model: 'public-model', stream: true, messages: [], tools, streamUsage: true },
    inputTokensEstimate: 11,
  };
}

/** The ways in which a network may cut a stream; every one must give the same answer. */
export const CUTS: { readonly [name: string]: (bytes: Bytes) => readonly Bytes[] } = {
  'one write': (bytes) => [bytes],
  'one byte at a time': (bytes) => pieces(bytes, () => 1),
  'random pieces': (bytes) => pieces(bytes, dice()),
  'LF line ends': (bytes) => [brandText<Bytes>(bytes.replaceAll('\r\n', '\n'))],
  'CRLF line ends, in random pieces': (bytes) =>
    pieces(brandText<Bytes>(bytes.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')), dice()),
};

function pieces(bytes: Bytes, size: () => number): readonly Bytes[] {
  const list: Bytes[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + size();
    list.push(brandText<Bytes>(bytes.slice(start, end)));
    start = end;
  }
  return list;
}

// Sizes from 1 to 97 out of a small generator with a fixed seed, the same in every run.
function dice(): () => number {
  let state = 20_261_121;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return 1 + ((state >>> 8) % 97);
  };
}

function toJson(value: Value): Json {
  return value as Json;
}

function overTheWire(body: Json): Value {
  return JSON.parse(JSON.stringify(body)) as Value;
}
