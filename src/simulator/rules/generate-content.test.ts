import type { JsonObject } from '../../base/json.ts';
import { callSignature } from '../seal.ts';
import { describeRules, TEST_SIGN } from '../testing/describe-rules.ts';
import { GENERATE_CONTENT_RULES } from './generate-content.ts';

const HELLO = { role: 'user', parts: [{ text: 'Hello' }] };
const PLAIN = { contents: [HELLO] };
const CALL = { functionCall: { name: 'f', args: { b: 1, a: 'x' } } };
const SIGNATURE = callSignature(TEST_SIGN, 'f', { a: 'x', b: 1 });
const RESPONSE = { functionResponse: { name: 'f', response: { ok: true } } };
const NEWEST = 'gemini-3-pro-preview';

describeRules(GENERATE_CONTENT_RULES, 'gemini-2.5-flash', [
  {
    rule: 'no field is unknown, at any depth',
    right: { ...PLAIN, tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: minimum() }] }] },
    wrong: { ...PLAIN, tools: [{ functionDeclarations: [{ name: 'f', parameters: minimum() }] }] },
    refusal:
      'Invalid JSON payload received. Unknown name "exclusiveMinimum" at \'tools[0].function_declarations[0].parameters.properties[0].value\': Cannot find field.',
    says: { details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest' }] },
  },
  {
    rule: 'no field is unknown, at any depth',
    right: { ...PLAIN, system_instruction: { parts: [{ text: 'Be brief.' }] } },
    wrong: { ...PLAIN, messages: [] },
    refusal: 'Invalid JSON payload received. Unknown name "messages": Cannot find field.',
  },
  {
    rule: 'sampling fields are in range',
    right: { ...PLAIN, generationConfig: { temperature: 2 } },
    wrong: { ...PLAIN, generationConfig: { temperature: 3 } },
    refusal:
      '* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0]',
  },
  {
    rule: 'there are at most five stop sequences',
    right: { ...PLAIN, generationConfig: { stopSequences: ['a', 'b', 'c', 'd', 'e'] } },
    wrong: { ...PLAIN, generationConfig: { stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] } },
    refusal: '* GenerateContentRequest.generation_config.stop_sequences:',
  },
  {
    rule: 'function names have at most 64 allowed characters',
    right: { ...PLAIN, ...declared('a'.repeat(64)) },
    wrong: { ...PLAIN, ...declared('a'.repeat(65)) },
    refusal: '* GenerateContentRequest.tools[0].function_declarations[0].name: Invalid function name.',
  },
  {
    rule: 'JSON mode and function calling exclude each other before Gemini 3',
    right: { ...PLAIN, generationConfig: { responseMimeType: 'application/json' } },
    wrong: { ...PLAIN, ...declared('f'), generationConfig: { responseMimeType: 'application/json' } },
    refusal: "Function calling with a response mime type: 'application/json' is unsupported",
  },
  {
    rule: 'thinking is set in one way that the model allows',
    model: 'gemini-2.5-pro',
    right: { ...PLAIN, generationConfig: { thinkingConfig: { thinkingBudget: 128 } } },
    wrong: { ...PLAIN, generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    refusal: 'Budget 0 is invalid. This model only works in thinking mode.',
  },
  {
    rule: 'there are contents, with parts and known roles',
    right: PLAIN,
    wrong: { contents: [] },
    refusal: '* GenerateContentRequest.contents: contents is not specified',
  },
  {
    rule: 'there are contents, with parts and known roles',
    right: PLAIN,
    wrong: { contents: [{ ...HELLO, role: 'assistant' }] },
    refusal: 'Please use a valid role: user, model.',
  },
  {
    rule: 'there are contents, with parts and known roles',
    right: PLAIN,
    wrong: { contents: [{ role: 'user', parts: [] }] },
    refusal: '* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.',
  },
  {
    rule: 'function responses answer the calls of the turn before, one each',
    right: turns([CALL, CALL], [RESPONSE, RESPONSE]),
    wrong: turns([CALL, CALL], [RESPONSE]),
    refusal:
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
  },
  {
    rule: 'function responses answer the calls of the turn before, one each',
    right: PLAIN,
    wrong: { contents: [HELLO, { role: 'user', parts: [RESPONSE] }] },
    refusal: 'Please ensure that function response turn comes immediately after a function call turn.',
  },
  {
    rule: 'function calls of this turn bear their thought signature',
    model: NEWEST,
    right: turns([{ ...CALL, thoughtSignature: SIGNATURE }, CALL], [RESPONSE, RESPONSE]),
    wrong: turns([CALL], [RESPONSE]),
    refusal: 'Function call is missing a thought_signature in functionCall parts.',
  },
  {
    rule: 'function calls of this turn bear their thought signature',
    model: NEWEST,
    right: turns([{ ...CALL, thoughtSignature: 'skip_thought_signature_validator' }], [RESPONSE]),
    wrong: turns([{ ...CALL, thoughtSignature: 'b3RoZXI=' }], [RESPONSE]),
    refusal: 'Corrupted thought signature.',
  },
]);

function minimum(): JsonObject {
  return { type: 'object', properties: { value: { type: 'number', exclusiveMinimum: 0 } } };
}

function declared(name: string): JsonObject {
  return { tools: [{ functionDeclarations: [{ name }] }] };
}

function turns(model: readonly JsonObject[], user: readonly JsonObject[]): JsonObject {
  return { contents: [HELLO, { role: 'model', parts: model }, { role: 'user', parts: user }] };
}
