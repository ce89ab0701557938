import { bytesToText, textToBytes, type Bytes } from '../../src/base/bytes.ts';
import { parseJson } from '../../src/base/json.ts';
import type { AnswerContext, Protocol } from '../../src/protocols/protocol.ts';
import { CONTINUE_INSTRUCTION } from '../../src/resumption/request.ts';
import type { GenerateRequest, Message } from '../../src/spec/generate.ts';
import type { StreamPart } from '../../src/spec/stream.ts';
import type { WireRequest } from '../../src/spec/wire.ts';

/** How the provider that goes on answers. */
export interface SecondProvider {
  readonly protocol: Protocol;
  /** The whole answer, as it would give it. */
  readonly parts: readonly StreamPart[];
  /** Whether it gives another answer when it is asked anew, so that only going on is left. */
  readonly saysOtherwise: boolean;
  /** Characters before the place to go on from that it repeats. */
  readonly overlap: number;
}

/** What a provider says that says something else. */
export const OTHERWISE = 'Quite another answer, which agrees with nothing that was said before it.';

/** What it sends for a request, as the bytes of its stream. */
export function secondAnswer(second: SecondProvider, request: WireRequest): Bytes {
  const asked = askedOf(second.protocol, request);
  return streamOf(second.protocol, asked, answerParts(second, asked.messages));
}

function answerParts(second: SecondProvider, messages: readonly Message[]): readonly StreamPart[] {
  const last = messages.at(-1);
  const whole = textOfParts(second.parts);
  if (last?.role === 'assistant') return textParts(whole.slice(textOfMessage(last).length), second.parts);
  if (last !== undefined && textOfMessage(last) === CONTINUE_INSTRUCTION) {
    const before = messages.at(-2);
    const given = before === undefined ? '' : textOfMessage(before);
    return textParts(whole.slice(Math.max(0, given.length - second.overlap)), second.parts);
  }
  return second.saysOtherwise ? textParts(OTHERWISE, second.parts) : second.parts;
}

function askedOf(protocol: Protocol, { body, url }: WireRequest): GenerateRequest {
  const parsed = parseJson(bytesToText(body));
  if (parsed.type === 'bad') throw new Error('the gateway sent something that is not JSON');
  const model = /models\/([^:/]+):/.exec(url)?.[1];
  return protocol.downstream.decodeRequest(parsed.value, {
    stream: true,
    ...(model === undefined ? {} : { model }),
  });
}

/** The parts as a stream of this wire, under ids of its own. */
export function streamOf(
  { downstream }: Protocol,
  request: GenerateRequest,
  parts: readonly StreamPart[],
): Bytes {
  const context: AnswerContext = {
    requestId: 'second',
    model: 'second-model',
    createdAtS: 1_900_000_000,
    request: { ...request, streamUsage: true },
    inputTokensEstimate: 7,
  };
  const encoder = downstream.encodeStream(context);
  const events = [...parts.flatMap((part) => encoder.push(withOwnIds(part))), ...encoder.end()];
  return textToBytes(downstream.frame(events));
}

function withOwnIds(part: StreamPart): StreamPart {
  if (part.type === 'start') return { type: 'start', id: 'second-id', model: 'second-model' };
  if (part.type !== 'block-start' || part.block.type !== 'tool-call') return part;
  return { ...part, block: { ...part.block, id: `${part.block.id}2` } };
}

// Words in pieces of seven characters, with the end that the whole answer has.
function textParts(text: string, whole: readonly StreamPart[]): readonly StreamPart[] {
  const pieces = text.match(/[\s\S]{1,7}/gu) ?? [];
  const index = whole.find((part) => part.type === 'text-delta')?.index ?? 0;
  return [
    { type: 'start', id: null, model: null },
    { type: 'block-start', index, block: { type: 'text' } },
    ...pieces.map((piece): StreamPart => ({ type: 'text-delta', index, text: piece })),
    { type: 'block-end', index },
    ...callParts(whole),
    ...whole.filter(({ type }) => type === 'finish' || type === 'usage'),
  ];
}

// The calls behind the words.
function callParts(whole: readonly StreamPart[]): readonly StreamPart[] {
  const calls = new Set(
    whole.flatMap((part) =>
      part.type === 'block-start' && part.block.type === 'tool-call' ? [part.index] : [],
    ),
  );
  return whole.filter((part) => 'index' in part && calls.has(part.index));
}

/** All words of an answer. */
export function textOfParts(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
}

function textOfMessage(message: Message): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
