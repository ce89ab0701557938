import type { JsonObject } from '../../base/json.ts';
import { boundCallId } from '../seal.ts';
import { describeRules, TEST_SIGN } from '../testing/describe-rules.ts';
import { CHAT_RULES } from './chat.ts';

const HELLO = { role: 'user', content: 'Hello' };
const PLAIN = { messages: [HELLO] };
const CALL = { role: 'assistant', content: null, tool_calls: [call('call_1', 'f')] };
const RESULT = { role: 'tool', tool_call_id: 'call_1', content: '18 degrees' };
const TOOLS = [tool('f', { type: 'object', properties: {} })];
const CLOSED = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
};

describeRules(CHAT_RULES, 'gpt-4.1', [
  {
    rule: 'OpenAI models take no unknown arguments',
    right: { ...PLAIN, verbosity: 'low' },
    wrong: { ...PLAIN, top_k: 3 },
    refusal: 'Unrecognized request argument supplied: top_k',
  },
  {
    rule: 'reasoning models are limited by max_completion_tokens',
    model: 'gpt-5-mini',
    right: { ...PLAIN, max_completion_tokens: 10 },
    wrong: { ...PLAIN, max_tokens: 10 },
    refusal:
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    says: { param: 'max_tokens', code: 'unsupported_parameter' },
  },
  {
    rule: 'limits are at least one token',
    right: { ...PLAIN, max_tokens: 1 },
    wrong: { ...PLAIN, max_tokens: 0 },
    refusal: "Invalid 'max_tokens': integer below minimum value.",
  },
  {
    rule: 'reasoning models take no sampling fields but their defaults',
    model: 'o4-mini',
    right: { ...PLAIN, temperature: 1 },
    wrong: { ...PLAIN, temperature: 0.2 },
    refusal: "Unsupported value: 'temperature' does not support 0.2 with this model.",
    says: { param: 'temperature', code: 'unsupported_value' },
  },
  {
    rule: 'reasoning models take no sampling fields but their defaults',
    model: 'gpt-5.2',
    right: { ...PLAIN, top_p: 1 },
    wrong: { ...PLAIN, stop: ['x'] },
    refusal: "Unsupported parameter: 'stop' is not supported with this model.",
  },
  {
    rule: 'sampling fields are in range',
    right: { ...PLAIN, temperature: 2, presence_penalty: -2 },
    wrong: { ...PLAIN, temperature: 2.5 },
    refusal:
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
    says: { code: 'decimal_above_max_value' },
  },
  {
    rule: 'there are at most four stop strings',
    right: { ...PLAIN, stop: ['a', 'b', 'c', 'd'] },
    wrong: { ...PLAIN, stop: ['a', 'b', 'c', 'd', 'e'] },
    refusal:
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5",
  },
  {
    rule: 'stream options come with streams only',
    right: { ...PLAIN, stream: true, stream_options: { include_usage: true } },
    wrong: { ...PLAIN, stream_options: { include_usage: true } },
    refusal: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
  },
  {
    rule: 'there is at least one message',
    right: PLAIN,
    wrong: { messages: [] },
    refusal: "Invalid 'messages': empty array.",
    says: { code: 'empty_array' },
  },
  {
    rule: 'there is at least one message',
    right: PLAIN,
    wrong: { temperature: 1 },
    refusal: "Missing required parameter: 'messages'.",
  },
  {
    rule: 'roles are known',
    right: { messages: [{ role: 'developer', content: 'Be brief.' }, HELLO] },
    wrong: { messages: [{ role: 'model', content: 'Hello' }] },
    refusal: "Invalid value: 'model'. Supported values are:",
    says: { param: 'messages[0].role' },
  },
  {
    rule: 'the first o1 models take no system message',
    model: 'o1-mini',
    right: PLAIN,
    wrong: { messages: [{ role: 'system', content: 'Be brief.' }, HELLO] },
    refusal: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    says: { param: 'messages[0].role', code: 'unsupported_value' },
  },
  {
    rule: 'every tool call has its tool message, and every tool message its call',
    right: { messages: [HELLO, CALL, RESULT, HELLO] },
    wrong: { messages: [HELLO, CALL, HELLO] },
    refusal:
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_1",
    says: { param: 'messages.[2].role' },
  },
  {
    rule: 'every tool call has its tool message, and every tool message its call',
    right: { messages: [HELLO, CALL, RESULT] },
    wrong: { messages: [HELLO, RESULT] },
    refusal:
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
  },
  {
    rule: 'content parts are of a kind that the role and the model take',
    right: { messages: [HELLO, CALL, { ...RESULT, content: [{ type: 'text', text: 'x' }] }] },
    wrong: { messages: [HELLO, CALL, { ...RESULT, content: [{ type: 'file', file: { file_id: 'f' } }] }] },
    refusal: "Invalid 'messages[2]'. Content blocks are expected to be either text or image_url type.",
    says: { code: 'invalid_value', param: 'messages[2]' },
  },
  {
    rule: 'content parts are of a kind that the role and the model take',
    right: userPart({ type: 'text', text: 'x' }),
    wrong: userPart({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }),
    refusal: "Invalid 'messages[0]'. Content blocks are expected to be either text or image_url type.",
  },
  {
    rule: 'files are PDFs in data URLs',
    right: userPart({
      type: 'file',
      file: { file_data: 'data:application/pdf;base64,JVBERg==', filename: 'a.pdf' },
    }),
    wrong: userPart({ type: 'file', file: { file_data: 'JVBERg==', filename: 'a.pdf' } }),
    refusal:
      "Invalid file data: 'messages[0].content[0].file.file_data'. Expected a base64-encoded data URL with an application/pdf MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got a value without the 'data:' prefix.",
  },
  {
    rule: 'images are URLs or data URLs of a known format',
    right: userPart({ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }),
    wrong: userPart({ type: 'image_url', image_url: { url: 'data:image/tiff;base64,SUkqAA==' } }),
    refusal: 'You uploaded an unsupported image.',
    says: { code: 'invalid_image_format' },
  },
  {
    rule: 'JSON mode is mentioned in the messages',
    right: {
      messages: [{ role: 'user', content: 'Answer in JSON' }],
      response_format: { type: 'json_object' },
    },
    wrong: { ...PLAIN, response_format: { type: 'json_object' } },
    refusal:
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
  },
  {
    rule: 'thinking models get their reasoning back with its tool calls',
    model: 'deepseek-reasoner',
    right: {
      messages: [HELLO, thought('Let me look.', 'Let me look.'), { ...RESULT, tool_call_id: boundId() }],
    },
    wrong: {
      messages: [HELLO, thought('Let me look.', 'Something else.'), { ...RESULT, tool_call_id: boundId() }],
    },
    refusal: 'The `reasoning_content` in the thinking mode must be passed back to the API.',
  },
  {
    rule: 'thinking models get their reasoning back with its tool calls',
    model: 'deepseek-reasoner',
    right: { messages: [HELLO, CALL, RESULT, HELLO] },
    wrong: { messages: [HELLO, CALL, RESULT] },
    refusal: 'The `reasoning_content` in the thinking mode must be passed back to the API.',
  },
  {
    rule: 'a list of tools is not empty',
    right: { ...PLAIN, tools: TOOLS },
    wrong: { ...PLAIN, tools: [] },
    refusal: "Invalid 'tools': empty array.",
  },
  {
    rule: 'tool names have at most 64 letters, digits, _ and -',
    right: { ...PLAIN, tools: [tool('a'.repeat(64), {})] },
    wrong: { ...PLAIN, tools: [tool('a'.repeat(65), {})] },
    refusal: "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64",
    says: { code: 'string_above_max_length' },
  },
  {
    rule: 'tool names have at most 64 letters, digits, _ and -',
    right: { ...PLAIN, tools: TOOLS },
    wrong: { ...PLAIN, tools: [tool('a b', {})] },
    refusal: "Invalid 'tools[0].function.name': string does not match pattern.",
  },
  {
    rule: 'a tool choice comes with tools, and names one of them',
    right: { ...PLAIN, tools: TOOLS, tool_choice: { type: 'function', function: { name: 'f' } } },
    wrong: { ...PLAIN, tools: TOOLS, tool_choice: { type: 'function', function: { name: 'g' } } },
    refusal: "Invalid value: 'g'. Tool choice 'g' not found",
  },
  {
    rule: 'strict tools have strict schemas',
    right: { ...PLAIN, tools: [tool('f', CLOSED, true)] },
    wrong: { ...PLAIN, tools: [tool('f', { ...CLOSED, additionalProperties: true }, true)] },
    refusal:
      "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    says: { code: 'invalid_function_parameters', param: 'tools[0].function.parameters' },
  },
  {
    rule: 'a response format has a name, and a strict one a strict schema',
    right: { ...PLAIN, response_format: format(CLOSED) },
    wrong: { ...PLAIN, response_format: format({ ...CLOSED, required: [] }) },
    refusal:
      "Invalid schema for response_format 'reply': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.",
  },
]);

function call(id: string, name: string): JsonObject {
  return { id, type: 'function', function: { name, arguments: '{}' } };
}

function tool(name: string, parameters: JsonObject, strict = false): JsonObject {
  return { type: 'function', function: { name, parameters, strict } };
}

function format(schema: JsonObject): JsonObject {
  return { type: 'json_schema', json_schema: { name: 'reply', strict: true, schema } };
}

function userPart(part: JsonObject): JsonObject {
  return { messages: [{ role: 'user', content: [part] }] };
}

function boundId(): string {
  return boundCallId(TEST_SIGN, 'Let me look.', 0);
}

function thought(had: string, returned: string): JsonObject {
  const id = boundCallId(TEST_SIGN, had, 0);
  return { role: 'assistant', content: null, reasoning_content: returned, tool_calls: [call(id, 'f')] };
}
