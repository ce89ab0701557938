import type { JsonObject } from '../../base/json.ts';
import { thinkingSignature } from '../seal.ts';
import { describeRules, TEST_SIGN } from '../testing/describe-rules.ts';
import { MESSAGES_RULES } from './messages.ts';

const HELLO = { role: 'user', content: 'Hello' };
const HI = { role: 'assistant', content: 'Hi' };
const PLAIN = { max_tokens: 4096, messages: [HELLO] };
const USE = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_1', content: '18 degrees' };
const THINKING = { type: 'thinking', thinking: 'Hm.', signature: thinkingSignature(TEST_SIGN, 'Hm.') };
const BUDGET = { type: 'enabled', budget_tokens: 1024 };
const TOOL = { name: 'f', input_schema: { type: 'object', properties: {} } };
const MARKED = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
const NEWEST = 'claude-opus-4-8';

describeRules(MESSAGES_RULES, 'claude-sonnet-4-5', [
  {
    rule: 'fields are known',
    right: { ...PLAIN, metadata: { user_id: 'u' } },
    wrong: { ...PLAIN, seed: 3 },
    refusal: 'seed: Extra inputs are not permitted',
  },
  {
    rule: 'max_tokens is there and at least 1',
    right: PLAIN,
    wrong: { messages: [HELLO] },
    refusal: 'max_tokens: Field required',
  },
  {
    rule: 'sampling fields are in range and allowed by the model',
    right: { ...PLAIN, temperature: 1 },
    wrong: { ...PLAIN, temperature: 1.5 },
    refusal: 'temperature: Input should be less than or equal to 1',
  },
  {
    rule: 'sampling fields are in range and allowed by the model',
    right: { ...PLAIN, top_p: 0.9 },
    wrong: { ...PLAIN, top_p: 0.9, temperature: 0.5 },
    refusal: '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
  },
  {
    rule: 'sampling fields are in range and allowed by the model',
    model: NEWEST,
    right: { ...PLAIN, temperature: 1, top_p: 0.99 },
    wrong: { ...PLAIN, temperature: 0.5 },
    refusal: '`temperature` is deprecated for this model.',
  },
  {
    rule: 'stop sequences are not blank',
    right: { ...PLAIN, stop_sequences: ['END'] },
    wrong: { ...PLAIN, stop_sequences: ['\n'] },
    refusal: 'stop_sequences: each stop sequence must contain non-whitespace',
  },
  {
    rule: 'effort is one that the model knows',
    model: 'claude-opus-4-6',
    right: { ...PLAIN, output_config: { effort: 'max' } },
    wrong: { ...PLAIN, output_config: { effort: 'xhigh' } },
    refusal: "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.",
  },
  {
    rule: 'tools have distinct names of at most 128 characters and object schemas',
    right: { ...PLAIN, tools: [{ ...TOOL, name: 'a'.repeat(128) }] },
    wrong: { ...PLAIN, tools: [{ ...TOOL, name: 'a'.repeat(129) }] },
    refusal: 'tools.0.custom.name: String should have at most 128 characters',
  },
  {
    rule: 'tools have distinct names of at most 128 characters and object schemas',
    right: { ...PLAIN, tools: [TOOL] },
    wrong: { ...PLAIN, tools: [TOOL, TOOL] },
    refusal: 'tools: Tool names must be unique.',
  },
  {
    rule: 'a tool choice comes with tools',
    right: { ...PLAIN, tools: [TOOL], tool_choice: { type: 'any' } },
    wrong: { ...PLAIN, tool_choice: { type: 'any' } },
    refusal: 'tool_choice: Tool choice may only be specified while providing tools.',
  },
  {
    rule: 'structured output has closed object schemas',
    right: { ...PLAIN, ...format({ type: 'object', properties: {}, additionalProperties: false }) },
    wrong: { ...PLAIN, ...format({ type: 'object', properties: {} }) },
    refusal:
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
  },
  {
    rule: "there is a message, and the first is the user's",
    right: PLAIN,
    wrong: { ...PLAIN, messages: [HI, HELLO] },
    refusal: 'messages: first message must use the "user" role',
  },
  {
    rule: 'roles are known, and system messages stand alone on models that take them',
    model: NEWEST,
    right: { ...PLAIN, messages: [HELLO, HI, HELLO, { role: 'system', content: 'Be brief.' }] },
    wrong: {
      ...PLAIN,
      messages: [HELLO, { role: 'system', content: 'Be brief.' }, { role: 'system', content: 'Be kind.' }],
    },
    refusal: "messages.2: consecutive messages with role 'system' are not allowed",
  },
  {
    rule: 'roles are known, and system messages stand alone on models that take them',
    right: { ...PLAIN, messages: [HELLO, HELLO] },
    wrong: { ...PLAIN, messages: [HELLO, { role: 'system', content: 'Be brief.' }] },
    refusal: "role 'system' is not supported on this model",
  },
  {
    rule: 'the newest models do not continue an assistant message',
    model: NEWEST,
    right: { ...PLAIN, messages: [HELLO, HI, HELLO] },
    wrong: { ...PLAIN, messages: [HELLO, HI] },
    refusal: 'This model does not support assistant message prefill.',
  },
  {
    rule: 'ids of tool uses are unique and well-formed',
    right: turns([USE], [RESULT]),
    wrong: turns([{ ...USE, id: 'call:1' }], [{ ...RESULT, tool_use_id: 'call:1' }]),
    refusal: "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
  },
  {
    rule: 'results follow their tool uses at once and stand first',
    right: turns([USE], [RESULT, { type: 'text', text: 'Go on.' }]),
    wrong: turns([USE], [{ type: 'text', text: 'Go on.' }, RESULT]),
    refusal:
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
  },
  {
    rule: 'results follow their tool uses at once and stand first',
    right: turns([USE, { ...USE, id: 'toolu_2' }], [RESULT, { ...RESULT, tool_use_id: 'toolu_2' }]),
    wrong: turns([USE, { ...USE, id: 'toolu_2' }], [RESULT]),
    refusal: 'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_2.',
  },
  {
    rule: 'results follow their tool uses at once and stand first',
    right: PLAIN,
    wrong: { ...PLAIN, messages: [HELLO, HI, { role: 'user', content: [RESULT] }] },
    refusal: 'messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1.',
  },
  {
    rule: 'no message and no text block is empty',
    right: PLAIN,
    wrong: { ...PLAIN, messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
    refusal: 'messages: text content blocks must be non-empty',
  },
  {
    rule: 'no message and no text block is empty',
    right: { ...PLAIN, messages: [HELLO, HI] },
    wrong: { ...PLAIN, messages: [HELLO, { role: 'assistant', content: 'Hi ' }] },
    refusal: 'messages: final assistant content cannot end with trailing whitespace',
  },
  {
    rule: 'there are at most four cache breakpoints',
    right: { ...PLAIN, messages: [{ role: 'user', content: [MARKED, MARKED, MARKED, MARKED] }] },
    wrong: {
      ...PLAIN,
      system: [MARKED],
      messages: [{ role: 'user', content: [MARKED, MARKED, MARKED, MARKED] }],
    },
    refusal: 'A maximum of 4 blocks with cache_control may be provided. Found 5.',
  },
  {
    rule: 'media have types that are understood',
    right: media('document', 'application/pdf'),
    wrong: media('document', 'text/csv'),
    refusal: "messages.0.content.0.document.source.base64.media_type: Input should be 'application/pdf'",
  },
  {
    rule: 'media have types that are understood',
    right: media('image', 'image/webp'),
    wrong: media('image', 'image/tiff'),
    refusal: 'messages.0.content.0.image.source.base64.media_type: Input should be',
  },
  {
    rule: 'a thinking budget is at least 1,024 and below max_tokens',
    right: { ...PLAIN, thinking: BUDGET },
    wrong: { ...PLAIN, thinking: { ...BUDGET, budget_tokens: 1000 } },
    refusal: 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
  },
  {
    rule: 'a thinking budget is at least 1,024 and below max_tokens',
    right: { ...PLAIN, thinking: BUDGET },
    wrong: { ...PLAIN, thinking: { ...BUDGET, budget_tokens: 4096 } },
    refusal:
      '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at',
  },
  {
    rule: 'a thinking budget is at least 1,024 and below max_tokens',
    model: NEWEST,
    right: { ...PLAIN, thinking: { type: 'adaptive' } },
    wrong: { ...PLAIN, thinking: BUDGET },
    refusal: '"thinking.type.enabled" is not supported for this model.',
  },
  {
    rule: 'thinking goes with temperature 1 and free tool choice only',
    right: { ...PLAIN, thinking: BUDGET, temperature: 1 },
    wrong: { ...PLAIN, thinking: BUDGET, temperature: 0 },
    refusal: '`temperature` may only be set to 1 when thinking is enabled.',
  },
  {
    rule: 'thinking goes with temperature 1 and free tool choice only',
    right: { ...PLAIN, thinking: BUDGET, tools: [TOOL], tool_choice: { type: 'auto' } },
    wrong: { ...PLAIN, thinking: BUDGET, tools: [TOOL], tool_choice: { type: 'any' } },
    refusal: 'Thinking may not be enabled when tool_choice forces tool use.',
  },
  {
    rule: 'thinking blocks bear the signature they were sent with',
    right: { ...turns([THINKING, USE], [RESULT]), thinking: BUDGET },
    wrong: { ...turns([{ ...THINKING, thinking: 'Ha.' }, USE], [RESULT]), thinking: BUDGET },
    refusal: 'messages.1.content.0: Invalid `signature` in `thinking` block',
  },
  {
    rule: 'a turn with open tool use begins with its thinking',
    right: { ...turns([USE], [RESULT]) },
    wrong: { ...turns([USE], [RESULT]), thinking: BUDGET },
    refusal: 'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
  },
]);

function turns(assistant: readonly JsonObject[], user: readonly JsonObject[]): JsonObject {
  return {
    ...PLAIN,
    messages: [HELLO, { role: 'assistant', content: assistant }, { role: 'user', content: user }],
  };
}

function media(type: string, mediaType: string): JsonObject {
  const source = { type: 'base64', media_type: mediaType, data: 'AAAA' };
  return { ...PLAIN, messages: [{ role: 'user', content: [{ type, source }] }] };
}

function format(schema: JsonObject): JsonObject {
  return { output_config: { format: { type: 'json_schema', schema } } };
}
