import { expect, it } from 'vitest';
import { describeShared } from '../../../test/shared.ts';
import { textToBytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import type { AssistantPart, GenerateRequest, Message } from '../../spec/generate.ts';
import type { ReasoningCapability } from '../../spec/model.ts';
import type { StreamPart } from '../../spec/stream.ts';
import { SseDecoder } from '../framing/sse.ts';
import type { EncodeTarget } from '../protocol.ts';
import { collect } from '../testing/collect.ts';
import { contextOf, decodePieces, PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { argumentsToInput, inputToArguments } from './arguments.ts';
import { anthropicMessages } from './protocol.ts';
import { decodeCountRequest } from './count-tokens.ts';
import {
  essence,
  naiveMessage,
  naiveStream,
  payloads,
  type Block,
  type WireMessage,
} from './testing/naive-reader.ts';
import { checkOrder } from './testing/order.ts';
import { recorded } from './testing/recorded.ts';
import type { Recorded } from '../testing/recorded.ts';
import { schemaCheck } from '../testing/schema.ts';

const { downstream, upstream, passthrough } = anthropicMessages;

describeShared('recorded exchanges of the Messages API', () => {
  const exchanges = recorded('messages');
  const whole = exchanges.filter((exchange) => exchange.status === 200 && exchange.body !== undefined);
  const streams = exchanges.filter((exchange) => exchange.stream !== undefined);
  const named = (list: readonly Recorded[]): [string, Recorded][] => list.map((one) => [one.id, one]);
  const message = schemaCheck('anthropic-beta', 'BetaMessage');
  const params = schemaCheck('anthropic-beta', 'BetaCreateMessageParams');
  const streamEvent = schemaCheck('anthropic-beta', 'BetaMessageStreamEvent');

  it('are there', () => {
    expect(whole.length).toBeGreaterThan(90);
    expect(streams.length).toBeGreaterThan(45);
  });

  it.each(named(whole))('decodes the answer %s as a naive reader does', (_, { body }) => {
    const result = upstream.decodeResult(body!, PLAIN_TARGET);
    expect(essence(result)).toEqual(naiveMessage(body as WireMessage));
  });

  it.each(named(whole))('writes the answer %s again without a loss', (_, { body }) => {
    const result = upstream.decodeResult(body!, PLAIN_TARGET);
    const encoded = downstream.encodeResult(result, contextOf());
    expect(message(body!) ?? message(encoded)).toEqual(message(body!));
    const { content, stop_reason, stop_sequence } = body as WireMessage;
    const plain = content.map(withoutDefaults).filter((block) => block.type !== 'text' || block.text !== '');
    expect(encoded).toMatchObject({ stop_reason, stop_sequence });
    expect((encoded as WireMessage).content.map(withoutDefaults)).toEqual(plain);
  });

  it.each(named(streams))('decodes the stream %s as a naive reader does', (_, { stream }) => {
    const collected = collect(decodePieces(anthropicMessages, [textToBytes(stream!)]));
    const { finish } = collected;
    const decoded = finish === null ? null : essence({ ...collected.result, finish });
    expect(decoded).toEqual(naiveStream(stream!));
  });

  it.each(named(streams))('writes the stream %s again in order and to the schema', (_, { stream }) => {
    const parts = decodePieces(anthropicMessages, [textToBytes(stream!)]);
    const events = encodeAll(parts);
    const end = checkOrder(events);
    const finished = parts.some((part) => part.type === 'finish');
    expect(end).toBe(finished ? 'complete' : 'broken-off');
    const isKnown = payloads(stream!).every((payload) => streamEvent(payload) === null);
    const wrong = events
      .map(({ data }) => streamEvent(JSON.parse(data) as Json))
      .filter((one) => one !== null);
    expect(isKnown ? wrong : []).toEqual([]);
    const again = collect(decodePieces(anthropicMessages, [textToBytes(downstream.frame(events))]));
    expect(finished ? whatIsSaid(again) : null).toEqual(finished ? whatIsSaid(collect(parts)) : null);
  });

  it.each(named(whole))('hears in passing the answer %s as decoding does', (_, { body }) => {
    const listener = passthrough.listener(PLAIN_TARGET);
    listener.readBody(textToBytes(JSON.stringify(body)));
    const { usage, finish } = upstream.decodeResult(body!, PLAIN_TARGET);
    expect(listener.heard).toMatchObject({ usage, finish, complete: true, error: null });
  });

  it.each(named(streams))('hears in passing the stream %s as decoding does', (_, { stream }) => {
    const listener = passthrough.listener(PLAIN_TARGET);
    const framing = new SseDecoder();
    for (const event of [...framing.push(textToBytes(stream!)), ...framing.end()]) {
      listener.readEvent(event.name, event.data);
    }
    const { result } = collect(decodePieces(anthropicMessages, [textToBytes(stream!)]));
    const complete = stream!.includes('"message_stop"');
    const content = result.parts.some((part) => !isEmptyText(part));
    expect(listener.heard).toMatchObject({ usage: result.usage, complete, content, error: null });
  });

  it.each(named(exchanges.filter(hasRequest)))(
    'brings the request of %s back from its own encoding',
    (_, one) => {
      const body = withTrueTypes(one.request!.body);
      const request = downstream.decodeRequest(body, {});
      const { body: again, warnings } = upstream.encodeRequest(request, targetFor(body as WireRequest));
      expect(warnings).toEqual([]);
      expect(params(body) ?? params(again)).toEqual(params(body));
      expect(downstream.decodeRequest(again, {})).toEqual(merged(request));
    },
  );

  it.each(named(recorded('messages-count-tokens')))('decodes the count request of %s', (_, one) => {
    const body = one.request!.body as WireRequest;
    const request = decodeCountRequest(body as unknown as Json);
    expect(request).toMatchObject({ model: body.model, stream: false });
    expect(request).not.toHaveProperty('maxOutputTokens');
  });

  it.each(named(exchanges.filter((one) => one.status !== 200)))('classifies the refusal %s', (_, one) => {
    const failure = upstream.decodeError(one.status, [], textToBytes(JSON.stringify(one.body)));
    expect(failure.kind).toBe(one.status === 404 ? 'upstream_model_missing' : 'invalid_request');
  });
});

// Neighbours of the same role become one turn.
function merged(request: GenerateRequest): GenerateRequest {
  const messages: Message[] = [];
  for (const message of request.messages) {
    const last = messages.at(-1);
    if (last?.role === 'user' && message.role === 'user' && message.parts[0]?.type !== 'native') {
      messages[messages.length - 1] = { role: 'user', parts: [...last.parts, ...message.parts] };
    } else {
      messages.push(message);
    }
  }
  return { ...request, messages };
}

// The recordings' images were replaced by one small PNG, whatever type they declare.
function withTrueTypes(body: Json): Json {
  return JSON.parse(JSON.stringify(body).replaceAll('"image/jpeg"', '"image/png"')) as Json;
}

function hasRequest({ request }: Recorded): boolean {
  const body = request?.body ?? null;
  return typeof body === 'object' && body !== null && 'max_tokens' in body;
}

// The model that the client wrote to takes what the client sent: each asked for what its model could do.
function targetFor({ model, thinking }: WireRequest): EncodeTarget {
  const reasoning: ReasoningCapability =
    thinking?.type === 'enabled'
      ? { type: 'budget', minTokens: 1024, maxTokens: null }
      : { type: 'adaptive', efforts: ['low', 'medium', 'high', 'xhigh', 'max'] };
  const capabilities = { ...PLAIN_TARGET.capabilities, midConversationSystem: true, reasoning };
  return { ...PLAIN_TARGET, model, capabilities };
}

type WireRequest = { model: string; thinking?: { type: string } };

function encodeAll(parts: readonly StreamPart[]) {
  const pump = downstream.encodeStream(contextOf());
  return [...parts.flatMap((part) => [...pump.push(part)]), ...pump.end()];
}

function whatIsSaid({ result }: ReturnType<typeof collect>) {
  const parts = result.parts.filter((part) => !isEmptyText(part)).map(settled);
  return { parts, usage: result.usage };
}

// Arguments that were cut off are wrapped in an object, so both are compared as objects.
function settled(part: AssistantPart): AssistantPart {
  if (part.type !== 'tool-call') return part;
  const { input } = argumentsToInput(part.arguments);
  return { ...part, arguments: inputToArguments(input) };
}

function isEmptyText(part: AssistantPart): boolean {
  return part.type === 'text' && part.text === '' && part.opaque === undefined;
}

// `caller: direct` and absent citations are the API's defaults.
function withoutDefaults(block: Block): Block {
  const { caller, citations, ...rest } = block;
  const called =
    block.type === 'tool_use' && (caller as Block | undefined)?.type === 'direct' ? {} : { caller };
  const cited = Array.isArray(citations) && citations.length > 0 ? { citations } : {};
  return { ...rest, ...(caller === undefined ? {} : called), ...cited } as Block;
}
