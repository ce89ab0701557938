import { compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { unreachable } from '../../base/assert.ts';
import type {
  AssistantPart,
  MediaPart,
  Message,
  NativePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../spec/generate.ts';
import { GEMINI } from '../gemini/id.ts';
import { cacheControl, encodeContent, encodeTexts, type Encoding } from './content-encode.ts';
import { OPENAI_CHAT } from './id.ts';
import { encodeToolName } from './names.ts';
import { extraContent, nativeDetails } from './state.ts';

/** The conversation in this wire's shape, for one target. */
export function encodeMessages(messages: readonly Message[], encoding: Encoding): readonly JsonObject[] {
  return messages.flatMap((message, index) => encodeMessage(message, `messages[${index}]`, encoding));
}

function encodeMessage(message: Message, path: string, encoding: Encoding): readonly JsonObject[] {
  switch (message.role) {
    case 'system':
      return [
        { role: encoding.target.quirks.systemRole, content: encodeTexts(message.parts, '\n\n', encoding) },
      ];
    case 'user':
      return [
        compact({ role: 'user', content: encodeContent(message.parts, path, encoding), name: message.name }),
      ];
    case 'assistant':
      return [encodeAssistant(message.parts, message.name, path, encoding)];
    case 'tool':
      return encodeToolResults(message.parts, path, encoding);
    default:
      return unreachable(message);
  }
}

function encodeAssistant(
  parts: readonly AssistantPart[],
  name: string | undefined,
  path: string,
  encoding: Encoding,
): JsonObject {
  const texts = parts.filter((part) => part.type === 'text');
  const refusals = parts.filter((part) => part.type === 'refusal').map((part) => part.text);
  const calls = parts.flatMap((part) => encodeCalls(part, path, encoding));
  const silent = calls.length > 0 || refusals.length > 0;
  if (parts.some((part) => part.type === 'media')) {
    encoding.warnings.add('dropped', path, 'This API takes no media in a message of the assistant.');
  }
  return compact({
    role: 'assistant',
    content: texts.length === 0 && silent ? null : encodeTexts(texts, '', encoding),
    name,
    refusal: refusals.length === 0 ? undefined : refusals.join(''),
    ...encodeReasoning(
      parts.filter((part) => part.type === 'reasoning'),
      path,
      encoding,
    ),
    tool_calls: calls.length === 0 ? undefined : calls,
    extra_content: textState(texts, encoding),
    audio: parts.map(audioReference).find((audio) => audio !== undefined),
  });
}

// Visible reasoning goes where the provider wants it back, signed state only to the kind of provider that made it.
function encodeReasoning(thoughts: readonly ReasoningPart[], path: string, encoding: Encoding): JsonObject {
  if (thoughts.length === 0) return {};
  const { reasoningField, signedState } = encoding.target.quirks;
  const details = thoughts.flatMap((part) =>
    part.opaque === undefined ? [] : (nativeDetails(part.opaque) ?? []),
  );
  const keepsState = signedState === 'reasoning_details' && details.length > 0;
  const text = thoughts.map((part) => part.text ?? '').join('');
  const foreign = thoughts.some((part) => part.opaque !== undefined && part.opaque.origin !== OPENAI_CHAT);
  if (reasoningField === null && !keepsState) {
    encoding.warnings.add('dropped', path, 'The provider does not take reasoning back, so it was left out.');
  } else if (foreign) {
    encoding.warnings.add('dropped', path, 'The signature of reasoning from another provider was left out.');
  }
  return {
    ...(reasoningField === null || text === '' ? {} : { [reasoningField]: text }),
    ...(keepsState ? { reasoning_details: details } : {}),
  };
}

function encodeCalls(part: AssistantPart, path: string, encoding: Encoding): readonly JsonObject[] {
  if (part.type === 'tool-call') return [encodeCall(part, encoding)];
  if (part.type !== 'native' || audioReference(part) !== undefined) return [];
  if (part.origin === OPENAI_CHAT && isObject(part.value)) return [part.value];
  encoding.warnings.add('dropped', path, 'A block that only another API understands was left out.');
  return [];
}

function encodeCall(call: ToolCallPart, encoding: Encoding): JsonObject {
  const { opaque } = call;
  const takesState = encoding.target.quirks.signedState === 'extra_content' && opaque?.origin === GEMINI;
  return compact({
    id: encoding.callId(call.id),
    type: 'function',
    function: { name: encodeToolName(call.name), arguments: call.arguments === '' ? '{}' : call.arguments },
    extra_content: takesState ? extraContent(opaque) : undefined,
    cache_control: cacheControl(call.cache, encoding),
  });
}

function textState(texts: readonly TextPart[], encoding: Encoding): JsonObject | undefined {
  const opaque = texts.find((part) => part.opaque?.origin === GEMINI)?.opaque;
  if (opaque === undefined || encoding.target.quirks.signedState !== 'extra_content') return undefined;
  return extraContent(opaque);
}

function audioReference(part: AssistantPart): Json | undefined {
  if (part.type !== 'native' || part.origin !== OPENAI_CHAT || !isObject(part.value)) return undefined;
  return part.value['type'] === 'audio' ? part.value['audio'] : undefined;
}

// One message for each result. What a result may not hold here, such as an image, follows in a message of the user,
// after all the results, because nothing may stand between them and their calls.
function encodeToolResults(
  results: readonly ToolResultPart[],
  path: string,
  encoding: Encoding,
): readonly JsonObject[] {
  const moved: (MediaPart | NativePart | TextPart)[] = [];
  const messages = results.map((result) => {
    const others = result.parts.filter((part) => part.type !== 'text');
    if (others.length > 0) {
      moved.push({
        type: 'text',
        text: `Attached to the result of the tool call ${encoding.callId(result.callId)}:`,
      });
      moved.push(...others);
    }
    return encodeToolResult(result, path, encoding);
  });
  if (moved.length === 0) return messages;
  encoding.warnings.add(
    'emulated',
    path,
    'Media in a tool result was moved to a message of the user after it.',
  );
  return [...messages, { role: 'user', content: encodeContent(moved, path, encoding) }];
}

function encodeToolResult(result: ToolResultPart, path: string, encoding: Encoding): JsonObject {
  const texts = result.parts.filter((part) => part.type === 'text');
  if (result.isError) {
    texts.unshift({ type: 'text', text: 'Error:' });
    encoding.warnings.add(
      'emulated',
      path,
      'A failed tool call has no mark here; its text was prefixed with "Error:".',
    );
  }
  const content = encodeTexts(texts, '\n', encoding);
  return compact({
    role: 'tool',
    tool_call_id: encoding.callId(result.callId),
    name: result.name === undefined ? undefined : encodeToolName(result.name),
    content: withCacheMark(content, cacheControl(result.cache, encoding)),
  });
}

function withCacheMark(content: Json, mark: JsonObject | undefined): Json {
  if (mark === undefined || typeof content !== 'string') return content;
  return [{ type: 'text', text: content, cache_control: mark }];
}
