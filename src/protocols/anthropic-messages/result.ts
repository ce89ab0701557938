import { asString, compact, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { AssistantPart, GenerateResult, TextPart } from '../../spec/generate.ts';
import type { AnswerContext, EncodeTarget } from '../protocol.ts';
import { readAssistantParts } from './blocks-decode.ts';
import { writeText, writeToolCall } from './blocks-encode.ts';
import { callCarrier, emptyTextCarrier, signatureOf, textCarrier } from './carriers.ts';
import { classifyBody } from './error-decode.ts';
import { decodeFinish, encodeStopReason } from './finish.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { decodeToolName } from './names.ts';
import { ANSWER_TOOL, unwrapFinish } from './output-format.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import { blameProvider } from './wire.ts';

/** Reads a provider's whole answer. */
export function decodeResult(body: Json, target: EncodeTarget): GenerateResult {
  if (field(body, 'type') === 'error') {
    const failure = classifyBody(body);
    throw new GatewayError(failure.kind, failure.message);
  }
  if (!isObject(body) || field(body, 'content') === undefined)
    throw blameProvider('content', 'Field required');
  const read = readAssistantParts(field(body, 'content'), 'content', blameProvider);
  const parts = read.map((part) => restorePart(part, target));
  const finish = decodeFinish(asString(field(body, 'stop_reason')), asString(field(body, 'stop_sequence')));
  const details = compact({
    stop_details: field(body, 'stop_details') ?? undefined,
    container: field(body, 'container') ?? undefined,
    context_management: field(body, 'context_management') ?? undefined,
  });
  return {
    id: asString(field(body, 'id')) ?? null,
    model: asString(field(body, 'model')) ?? null,
    parts,
    finish: unwrapFinish(finish, {
      answer: read.some((part) => part.type === 'tool-call' && part.name === ANSWER_TOOL),
      calls: parts.some((part) => part.type === 'tool-call'),
    }),
    usage: decodeUsage(field(body, 'usage')),
    ...(Object.keys(details).length === 0 ? {} : { extras: { origin: ANTHROPIC_MESSAGES, fields: details } }),
  };
}

/** Writes a whole answer for our client. */
export function encodeResult(result: GenerateResult, context: AnswerContext): Json {
  const callsTools = result.parts.some((part) => part.type === 'tool-call');
  const extras = result.extras?.origin === ANTHROPIC_MESSAGES ? result.extras.fields : {};
  return compact({
    id: result.id ?? `msg_${context.requestId}`,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: result.parts.flatMap(writeAnswerPart),
    stop_reason: encodeStopReason(result.finish, callsTools),
    stop_sequence: result.finish.stopSequence ?? null,
    ...extras,
    usage: encodeUsage(result.usage, context.inputTokensEstimate),
  });
}

/** The blocks of one part of an answer; foreign signed state goes along in the forms of `carriers.ts`. */
function writeAnswerPart(part: AssistantPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return writeAnswerText(part);
    case 'refusal':
      return writeAnswerText({ type: 'text', text: part.text });
    case 'reasoning':
      return writeThinking(part);
    case 'tool-call':
      return [
        ...(part.opaque === undefined ? [] : [callCarrier(part.id, part.opaque)]),
        { ...writeToolCall(part).block, name: part.name },
      ];
    case 'media':
      return [{ type: 'text', text: mediaNotice(part.mediaType) }];
    case 'native':
      return part.origin === ANTHROPIC_MESSAGES && isObject(part.value) ? [part.value] : [];
  }
}

/** What stands for generated media, which this wire cannot carry in an answer. */
export function mediaNotice(mediaType: string): string {
  return `[The model generated media of the type ${mediaType}, which the Messages API cannot carry.]`;
}

// An empty block is no content of this wire, but the state of one is still wanted back.
function writeAnswerText(part: TextPart): readonly JsonObject[] {
  if (part.text === '') return part.opaque === undefined ? [] : [emptyTextCarrier(part.opaque)];
  return [writeText(part), ...(part.opaque === undefined ? [] : [textCarrier(part.opaque)])];
}

function writeThinking(part: Extract<AssistantPart, { type: 'reasoning' }>): readonly JsonObject[] {
  const signature = part.opaque === undefined ? '' : signatureOf(part.opaque);
  if (part.text !== null) return [{ type: 'thinking', thinking: part.text, signature }];
  return signature === '' ? [] : [{ type: 'redacted_thinking', data: signature }];
}

// The answer tool's input is the answer; other names are those of the client's request.
function restorePart(part: AssistantPart, target: EncodeTarget): AssistantPart {
  if (part.type !== 'tool-call') return part;
  if (part.name === ANSWER_TOOL) return { type: 'text', text: part.arguments };
  const name = decodeToolName(part.name, target.request);
  return name === part.name ? part : { ...part, name };
}
