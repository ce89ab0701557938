import { asArray, asString, field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type { AssistantPart, Message, TextPart, ToolCallPart, ToolResultPart } from '../../spec/generate.ts';
import { decodeCache, decodeContent, decodeTexts } from './content-decode.ts';
import { optionalList, optionalObject, optionalText, requiredObject, requiredText, wrong } from './fields.ts';
import { OPENAI_CHAT } from './id.ts';
import { readDetails, readExtraContent, type PlacedReasoning } from './state.ts';

/** The conversation of a request body. Consecutive `tool` messages become one, since they answer one turn. */
export function decodeMessages(value: Json | undefined): readonly Message[] {
  if (!isArray(value)) throw wrong('messages', 'an array', value);
  if (value.length === 0) throw invalid('messages', 'messages is empty; it must hold at least one message.');
  const messages: Message[] = [];
  value.forEach((entry, index) => {
    const path = `messages[${index}]`;
    const decoded = decodeMessage(requiredObject(entry, path), path, messages);
    const last = messages.at(-1);
    if (decoded.role === 'tool' && last?.role === 'tool') {
      messages[messages.length - 1] = { role: 'tool', parts: [...last.parts, ...decoded.parts] };
    } else {
      messages.push(decoded);
    }
  });
  return messages;
}

function decodeMessage(message: JsonObject, path: string, before: readonly Message[]): Message {
  const role = requiredText(message, 'role', `${path}.role`);
  switch (role) {
    case 'system':
    case 'developer':
      return { role: 'system', parts: decodeTexts(message['content'], `${path}.content`) };
    case 'user':
      return {
        role: 'user',
        parts: decodeContent(message['content'], `${path}.content`),
        ...nameOf(message, path),
      };
    case 'assistant':
      return { role: 'assistant', parts: decodeAssistant(message, path), ...nameOf(message, path) };
    case 'tool':
      return { role: 'tool', parts: [decodeToolResult(message, path)] };
    case 'function':
      return { role: 'tool', parts: [decodeFunctionResult(message, path, before)] };
    default:
      throw invalid(
        `${path}.role`,
        `${path}.role is "${role}", but must be system, developer, user, assistant, tool or function.`,
      );
  }
}

function nameOf(message: JsonObject, path: string): { readonly name?: string } {
  const name = optionalText(message, 'name', `${path}.name`);
  return name === undefined ? {} : { name };
}

function decodeAssistant(message: JsonObject, path: string): readonly AssistantPart[] {
  const said = [...decodeSaid(message, path), ...decodeRefusal(message, path)];
  const calls = decodeCalls(message, path);
  const { reasoning, visible } = decodeReasoning(message, said);
  const parts = visible.concat(calls);
  return withMessageState(inPlace(reasoning, parts), readExtraContent(message));
}

// Text, refusals and, from Mistral's clients, thoughts.
function decodeSaid(message: JsonObject, path: string): readonly AssistantPart[] {
  const { content } = message;
  if (!isArray(content)) return decodeContent(content, `${path}.content`);
  return content.flatMap((part, index): readonly AssistantPart[] => {
    const type = field(part, 'type');
    const place = `${path}.content[${index}]`;
    if (type === 'refusal') {
      return [
        { type: 'refusal', text: requiredText(requiredObject(part, place), 'refusal', `${place}.refusal`) },
      ];
    }
    if (type === 'thinking') return [{ type: 'reasoning', text: thinkingText(part) }];
    return decodeContent([part], `${path}.content`);
  });
}

/** The text of a thinking part: Mistral writes a list of text parts. */
export function thinkingText(part: Json): string {
  const thinking = field(part, 'thinking');
  if (typeof thinking === 'string') return thinking;
  return asArray(thinking)
    .map((piece) => asString(field(piece, 'text')) ?? '')
    .join('');
}

function decodeRefusal(message: JsonObject, path: string): readonly AssistantPart[] {
  const text = optionalText(message, 'refusal', `${path}.refusal`);
  const audio = optionalObject(message, 'audio', `${path}.audio`);
  const refusal: AssistantPart[] = text === undefined || text === '' ? [] : [{ type: 'refusal', text }];
  if (audio !== undefined)
    refusal.push({ type: 'native', origin: OPENAI_CHAT, value: { type: 'audio', audio } });
  return refusal;
}

// Details say more than the plain text beside them, so the text only counts where there are none.
function decodeReasoning(
  message: JsonObject,
  said: readonly AssistantPart[],
): { readonly reasoning: readonly PlacedReasoning[]; readonly visible: readonly AssistantPart[] } {
  const details = readDetails(asArray(message['reasoning_details']));
  const plain = asString(message['reasoning_content']) ?? asString(message['reasoning']) ?? '';
  const [first, ...more] = details;
  if (first !== undefined) {
    const withText = first.part.text === null && plain !== '' && first.index === null;
    const head = withText ? { ...first, part: { ...first.part, text: plain } } : first;
    return { reasoning: [head, ...more], visible: said.filter((part) => part.type !== 'reasoning') };
  }
  if (plain === '') return { reasoning: [], visible: said };
  return { reasoning: [{ part: { type: 'reasoning', text: plain }, index: null }], visible: said };
}

// Puts reasoning back among the other parts: at its index where that is known, else to the front.
function inPlace(
  reasoning: readonly PlacedReasoning[],
  others: readonly AssistantPart[],
): readonly AssistantPart[] {
  const parts: AssistantPart[] = [];
  const waiting = [...reasoning];
  for (const other of others) {
    while (waiting[0] !== undefined && (waiting[0].index ?? 0) <= parts.length) take(waiting, parts);
    parts.push(other);
  }
  while (waiting.length > 0) take(waiting, parts);
  return parts;
}

function take(waiting: PlacedReasoning[], parts: AssistantPart[]): void {
  const placed = waiting.shift();
  if (placed !== undefined) parts.push(placed.part);
}

// State of the whole message belongs to its text, or to the first call where nothing was said (Google's endpoint).
function withMessageState(
  parts: readonly AssistantPart[],
  opaque: TextPart['opaque'],
): readonly AssistantPart[] {
  if (opaque === undefined) return parts;
  const text = parts.findIndex((part) => part.type === 'text');
  const at = text >= 0 ? text : parts.findIndex((part) => part.type === 'tool-call');
  if (at < 0) return [...parts, { type: 'text', text: '', opaque }];
  return parts.map((part, index) => (index === at && !('opaque' in part) ? { ...part, opaque } : part));
}

function decodeCalls(message: JsonObject, path: string): readonly AssistantPart[] {
  const calls = optionalList(message, 'tool_calls', `${path}.tool_calls`) ?? [];
  const decoded = calls.map((call, index) => decodeCall(call, `${path}.tool_calls[${index}]`));
  const legacy = optionalObject(message, 'function_call', `${path}.function_call`);
  if (legacy === undefined) return decoded;
  return [...decoded, functionCall(legacy, legacyId(path), `${path}.function_call`)];
}

function decodeCall(value: Json, path: string): AssistantPart {
  const call = requiredObject(value, path);
  const type = optionalText(call, 'type', `${path}.type`) ?? 'function';
  if (type !== 'function') return { type: 'native', origin: OPENAI_CHAT, value: call };
  const id = requiredText(call, 'id', `${path}.id`);
  const part = functionCall(requiredObject(call['function'], `${path}.function`), id, `${path}.function`);
  const opaque = readExtraContent(call);
  return { ...part, ...(opaque === undefined ? {} : { opaque }), ...decodeCache(call) };
}

function functionCall(call: JsonObject, id: string, path: string): ToolCallPart {
  const given = call['arguments'];
  // Some clients send back the object that they parsed.
  const text = isObject(given)
    ? JSON.stringify(given)
    : (optionalText(call, 'arguments', `${path}.arguments`) ?? '');
  return { type: 'tool-call', id, name: requiredText(call, 'name', `${path}.name`), arguments: text };
}

function decodeToolResult(message: JsonObject, path: string): ToolResultPart {
  const name = optionalText(message, 'name', `${path}.name`);
  return {
    type: 'tool-result',
    callId: requiredText(message, 'tool_call_id', `${path}.tool_call_id`),
    ...(name === undefined ? {} : { name }),
    parts: decodeContent(message['content'], `${path}.content`),
    isError: false,
  };
}

// The legacy form names the function and not the call: the latest call of that name is meant.
function decodeFunctionResult(message: JsonObject, path: string, before: readonly Message[]): ToolResultPart {
  const name = requiredText(message, 'name', `${path}.name`);
  const calls = before.flatMap((earlier) => (earlier.role === 'assistant' ? earlier.parts : []));
  const call = calls.findLast(
    (part): part is ToolCallPart => part.type === 'tool-call' && part.name === name,
  );
  if (call === undefined) {
    throw invalid(
      `${path}.name`,
      `${path} is the result of "${name}", but no earlier message calls that function.`,
    );
  }
  const parts = decodeContent(message['content'], `${path}.content`);
  return { type: 'tool-result', callId: call.id, name, parts, isError: false };
}

function legacyId(path: string): string {
  return `call_${path.replace(/[^0-9]/g, '')}_function`;
}
