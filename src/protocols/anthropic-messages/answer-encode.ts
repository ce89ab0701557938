import { compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { AssistantPart, GenerateResult, TextPart } from '../../spec/generate.ts';
import type { AnswerContext } from '../protocol.ts';
import { encodeText, encodeToolCall } from './blocks-encode.ts';
import { callCarrier, emptyTextCarrier, signatureOf, textCarrier } from './carriers.ts';
import { encodeFinish } from './finish.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { encodeUsage } from './usage.ts';

/** Writes a whole answer for our client. */
export function encodeResult(result: GenerateResult, context: AnswerContext): Json {
  const callsTools = result.parts.some((part) => part.type === 'tool-call');
  const extras = result.extras?.origin === ANTHROPIC_MESSAGES ? result.extras.fields : {};
  return compact({
    id: result.id ?? `msg_${context.requestId}`,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: result.parts.flatMap(encodeAnswerPart),
    stop_reason: encodeFinish(result.finish, callsTools),
    stop_sequence: result.finish.stopSequence ?? null,
    ...extras,
    usage: encodeUsage(result.usage, {
      inputTokensEstimate: context.inputTokensEstimate,
      outputChars: result.parts.reduce((sum, part) => sum + charsOf(part), 0),
    }),
  });
}

function charsOf(part: AssistantPart): number {
  if (part.type === 'tool-call') return part.arguments.length;
  return 'text' in part ? (part.text ?? '').length : 0;
}

/** The blocks of one part of an answer; foreign signed state goes along in the forms of `carriers.ts`. */
function encodeAnswerPart(part: AssistantPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeAnswerText(part);
    case 'refusal':
      return encodeAnswerText({ type: 'text', text: part.text });
    case 'reasoning':
      return encodeThinking(part);
    case 'tool-call':
      return [
        ...(part.opaque === undefined ? [] : [callCarrier(part.id, part.opaque)]),
        { ...encodeToolCall(part).block, name: part.name },
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
function encodeAnswerText(part: TextPart): readonly JsonObject[] {
  if (part.text === '') return part.opaque === undefined ? [] : [emptyTextCarrier(part.opaque)];
  return [encodeText(part), ...(part.opaque === undefined ? [] : [textCarrier(part.opaque)])];
}

function encodeThinking(part: Extract<AssistantPart, { type: 'reasoning' }>): readonly JsonObject[] {
  const signature = part.opaque === undefined ? '' : signatureOf(part.opaque);
  if (part.text !== null) return [{ type: 'thinking', thinking: part.text, signature }];
  return signature === '' ? [] : [{ type: 'redacted_thinking', data: signature }];
}
