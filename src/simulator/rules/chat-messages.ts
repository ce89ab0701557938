import { asString, field, isArray, type Json } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { BOUND_CALL_ID, boundCallId } from '../seal.ts';
import { objectsAt, type Placed } from './reading.ts';
import type { Rule, Ruled } from './rule.ts';

/** Rules about the messages of the chat wire. Wording as recorded where a recording exists. */
export const CHAT_MESSAGE_RULES: readonly Rule[] = [
  {
    name: 'there is at least one message',
    check: ({ body }) => {
      const messages = field(body, 'messages');
      if (!isArray(messages)) {
        return {
          ...bad("Missing required parameter: 'messages'.", 'messages'),
          code: 'missing_required_parameter',
        };
      }
      if (messages.length > 0) return null;
      const message =
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
      return { ...bad(message, 'messages'), code: 'empty_array' };
    },
  },
  {
    name: 'roles are known',
    check: ({ body }) => {
      const wrong = messagesOf(body).find(({ value }) => !ROLES.includes(asString(value['role']) ?? ''));
      if (wrong === undefined) return null;
      const param = `messages[${wrong.index}].role`;
      const supported = ROLES.map((role) => `'${role}'`).join(', ');
      const message = `Invalid value: '${asString(wrong.value['role']) ?? ''}'. Supported values are: ${supported}.`;
      return { ...bad(message, param), code: 'invalid_value' };
    },
  },
  {
    name: 'the first o1 models take no system message',
    check: ({ body, model }) => {
      if (!/^o1-(?:mini|preview)/.test(model)) return null;
      const wrong = messagesOf(body).find(
        ({ value }) => value['role'] === 'system' || value['role'] === 'developer',
      );
      if (wrong === undefined) return null;
      const param = `messages[${wrong.index}].role`;
      const message = `Unsupported value: '${param}' does not support '${asString(wrong.value['role']) ?? ''}' with this model.`;
      return { ...bad(message, param), code: 'unsupported_value' };
    },
  },
  {
    name: 'every tool call has its tool message, and every tool message its call',
    check: ({ body }) => pairingFault(body),
  },
  {
    name: 'content parts are of a kind that the role and the model take',
    check: ({ body, model }) => {
      const wrong = messagesOf(body).find(({ value }) =>
        objectsAt(value, 'content').some(
          (part) => !takesPart(value['role'], asString(part.value['type']), model),
        ),
      );
      if (wrong === undefined) return null;
      const param = `messages[${wrong.index}]`;
      const message = `Invalid '${param}'. Content blocks are expected to be either text or image_url type.`;
      return { ...bad(message, param), code: 'invalid_value' };
    },
  },
  { name: 'files are PDFs in data URLs', check: ({ body }) => fileFault(body) },
  { name: 'images are URLs or data URLs of a known format', check: ({ body }) => imageFault(body) },
  {
    name: 'JSON mode is mentioned in the messages',
    check: ({ body }) => {
      if (field(field(body, 'response_format'), 'type') !== 'json_object') return null;
      if (/json/i.test(JSON.stringify(field(body, 'messages')))) return null;
      const message =
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
      return bad(message, 'messages');
    },
  },
  { name: 'thinking models get their reasoning back with its tool calls', check: reasoningFault },
];

const ROLES = ['system', 'assistant', 'user', 'function', 'tool', 'developer'];

function messagesOf(body: Json): readonly Placed[] {
  return objectsAt(body, 'messages');
}

function takesPart(role: Json | undefined, type: string | undefined, model: string): boolean {
  if (role === 'tool') return type === 'text' || type === 'image_url';
  return type !== 'input_audio' || !/^gpt-[3-9]|^o\d/.test(model) || model.includes('audio');
}

function pairingFault(body: Json): Refusal | null {
  let open = new Set<string>();
  let callIndex = 0;
  for (const { index, value } of messagesOf(body)) {
    if (value['role'] === 'tool') {
      if (!open.delete(asString(value['tool_call_id']) ?? '')) return orphan(index);
      continue;
    }
    if (open.size > 0) return unanswered(open, callIndex + 1);
    open = new Set(objectsAt(value, 'tool_calls').map((call) => asString(call.value['id']) ?? ''));
    callIndex = index;
  }
  return open.size > 0 ? unanswered(open, callIndex + 1) : null;
}

function unanswered(ids: ReadonlySet<string>, index: number): Refusal {
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...ids].join(', ')}`;
  return bad(message, `messages.[${index}].role`);
}

function orphan(index: number): Refusal {
  const message =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return bad(message, `messages.[${index}].role`);
}

function fileFault(body: Json): Refusal | null {
  for (const { index, value } of messagesOf(body)) {
    for (const part of objectsAt(value, 'content')) {
      const data = asString(field(part.value['file'], 'file_data'));
      if (data === undefined || data.startsWith('data:application/pdf;base64,')) continue;
      const param = `messages[${index}].content[${part.index}].file.file_data`;
      const got = data.startsWith('data:')
        ? `unsupported MIME type '${data.slice(5).split(/[;,]/)[0] ?? ''}'`
        : "a value without the 'data:' prefix";
      const message = `Invalid file data: '${param}'. Expected a base64-encoded data URL with an application/pdf MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got ${got}.`;
      return { ...bad(message, param), code: 'invalid_value' };
    }
  }
  return null;
}

function imageFault(body: Json): Refusal | null {
  for (const { value } of messagesOf(body)) {
    for (const part of objectsAt(value, 'content')) {
      const url = asString(field(part.value['image_url'], 'url'));
      if (url === undefined || /^https?:\/\//.test(url)) continue;
      if (/^data:image\/(?:png|jpe?g|gif|webp);base64,/.test(url)) continue;
      const message =
        "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].";
      return { ...bad(message), code: 'invalid_image_format' };
    }
  }
  return null;
}

// DeepSeek's thinking mode (api-docs.deepseek.com/guides/thinking_mode): within a turn that uses tools the reasoning of
// every assistant message must come back. The ids of our own calls tell whether it is the one that was sent.
function reasoningFault({ body, traits, sign }: Ruled): Refusal | null {
  if (!traits.echoesReasoning || !wantsThinking(body, traits.reasoning === 'shown')) return null;
  const messages = messagesOf(body);
  const turnStart = messages.findLastIndex(({ value }) => value['role'] === 'user');
  for (const { index, value } of messages.slice(turnStart + 1)) {
    const calls = objectsAt(value, 'tool_calls');
    if (value['role'] !== 'assistant' || calls.length === 0) continue;
    const reasoning = asString(value['reasoning_content']) ?? '';
    const altered = calls.some(({ value: call }) => {
      const match = BOUND_CALL_ID.exec(asString(call['id']) ?? '');
      return match !== null && boundCallId(sign, reasoning, Number(match[1])) !== match[0];
    });
    if (reasoning !== '' && !altered) continue;
    const message = 'The `reasoning_content` in the thinking mode must be passed back to the API.';
    return { ...bad(message, `messages[${index}].reasoning_content`), code: 'invalid_request_error' };
  }
  return null;
}

function wantsThinking(body: Json, always: boolean): boolean {
  const thinking = field(field(body, 'thinking'), 'type');
  const effort = field(body, 'reasoning_effort');
  if (thinking === 'disabled' || effort === 'none') return false;
  return always || thinking === 'enabled' || typeof effort === 'string';
}

function bad(message: string, param?: string): Refusal {
  return { status: 400, message, ...(param === undefined ? {} : { param }) };
}
