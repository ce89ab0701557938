import { compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type {
  AssistantPart,
  GenerateResult,
  ReasoningPart,
  TextPart,
  ToolCallPart,
} from '../../spec/generate.ts';
import type { AnswerContext } from '../protocol.ts';
import { encodeFinish } from './finish.ts';
import { OPENAI_CHAT } from './id.ts';
import { extraContent, reasoningDetails } from './state.ts';
import { encodeUsage } from './usage.ts';

/** A whole answer in this wire's shape. */
export function encodeResult(result: GenerateResult, context: AnswerContext): Json {
  const extras = result.extras?.origin === OPENAI_CHAT ? result.extras.fields : {};
  const { logprobs = null, ...others } = extras;
  return compact({
    id: result.id ?? `chatcmpl-${context.requestId}`,
    object: 'chat.completion',
    created: context.createdAtS,
    model: context.model,
    choices: [
      {
        index: 0,
        message: encodeAnswer(result.parts),
        logprobs,
        finish_reason: encodeFinish(result.finish),
      },
    ],
    usage: encodeUsage(result.usage) ?? undefined,
    ...others,
  });
}

/** The tool call as an element of `tool_calls`. */
export function encodeCall(call: ToolCallPart): JsonObject {
  return compact({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments === '' ? '{}' : call.arguments },
    extra_content: call.opaque === undefined ? undefined : extraContent(call.opaque),
  });
}

/** A generated image as OpenRouter and Google's endpoint give it. */
export function encodeImage(mediaType: string, data: string): JsonObject {
  return { type: 'image_url', image_url: { url: `data:${mediaType};base64,${data}` } };
}

function encodeAnswer(parts: readonly AssistantPart[]): JsonObject {
  const texts = parts.filter((part) => part.type === 'text');
  const calls = parts.flatMap(callOf);
  const refusals = parts.filter((part) => part.type === 'refusal').map((part) => part.text);
  const thoughts = parts.flatMap((part, index) => (part.type === 'reasoning' ? [{ part, index }] : []));
  const details = reasoningDetails(thoughts);
  const state = texts.find((part) => part.opaque !== undefined)?.opaque;
  const absent = calls.length > 0 || refusals.length > 0;
  return compact({
    role: 'assistant',
    content: texts.length === 0 && absent ? null : texts.map((part) => part.text).join(''),
    refusal: refusals.length === 0 ? null : refusals.join(''),
    reasoning_content: reasoningText(thoughts.map(({ part }) => part)),
    reasoning_details: filled(details),
    tool_calls: filled(calls),
    annotations: filled(texts.flatMap(annotationsOf)),
    images: filled(parts.flatMap(imageOf)),
    extra_content: state === undefined ? undefined : extraContent(state),
  });
}

function callOf(part: AssistantPart): readonly JsonObject[] {
  if (part.type === 'tool-call') return [encodeCall(part)];
  // A call of a custom tool, which only this wire knows.
  if (part.type === 'native' && part.origin === OPENAI_CHAT && isObject(part.value)) return [part.value];
  return [];
}

function imageOf(part: AssistantPart): readonly JsonObject[] {
  if (part.type !== 'media' || part.source.type !== 'base64') return [];
  return [encodeImage(part.mediaType, part.source.data)];
}

function annotationsOf(part: TextPart): readonly Json[] {
  if (part.citations?.origin !== OPENAI_CHAT) return [];
  const { value } = part.citations;
  return Array.isArray(value) ? value : [value];
}

function reasoningText(thoughts: readonly ReasoningPart[]): string | undefined {
  const text = thoughts.map((part) => part.text ?? '').join('');
  return text === '' ? undefined : text;
}

function filled(list: readonly Json[]): readonly Json[] | undefined {
  return list.length === 0 ? undefined : list;
}
