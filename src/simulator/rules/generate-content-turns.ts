import { asString, field, isArray, type Json } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { callSignature } from '../seal.ts';
import { either, listAt, partsWith } from './generate-content-reading.ts';
import type { Rule, Ruled } from './rule.ts';

/** Rules about the turns of the generateContent wire: order of function calls and responses, and thought signatures. */
export const GENERATE_CONTENT_TURN_RULES: readonly Rule[] = [
  {
    name: 'there are contents, with parts and known roles',
    check: ({ body }) => {
      const contents = listAt(body, 'contents');
      if (contents.length === 0) return bad('* GenerateContentRequest.contents: contents is not specified\n');
      for (const { index, value } of contents) {
        const role = asString(value['role']) ?? 'user';
        if (!ROLES.includes(role)) return bad('Please use a valid role: user, model.');
        const fault = emptyFault(value, index);
        if (fault !== null) return fault;
      }
      return null;
    },
  },
  {
    name: 'function responses answer the calls of the turn before, one each',
    check: ({ body }) => orderFault(body),
  },
  { name: 'function calls of this turn bear their thought signature', check: signatureFault },
];

const ROLES = ['user', 'model', 'function'];

function emptyFault(content: Json, index: number): Refusal | null {
  const parts = listAt(content, 'parts');
  const place = `* GenerateContentRequest.contents[${index}].parts`;
  if (parts.length === 0) return bad(`${place}: contents.parts must not be empty.\n`);
  const empty = parts.find(({ value }) => !DATA.some((name) => either(value, name) !== undefined));
  if (empty === undefined) return null;
  return bad(`${place}[${empty.index}].data: required oneof field 'data' must have one initialized field\n`);
}

const DATA = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
  'videoMetadata',
];

function orderFault(body: Json): Refusal | null {
  const contents = listAt(body, 'contents');
  for (const [position, { value }] of contents.entries()) {
    const before = contents[position - 1];
    const calls = partsWith(value, 'functionCall').length;
    const responses = partsWith(value, 'functionResponse').length;
    const callsBefore = before === undefined ? 0 : partsWith(before.value, 'functionCall').length;
    if (calls > 0 && (before === undefined || field(before.value, 'role') === 'model')) {
      return bad(
        'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      );
    }
    if (responses > 0 && callsBefore === 0) {
      return bad('Please ensure that function response turn comes immediately after a function call turn.');
    }
    if (callsBefore > 0 && responses !== callsBefore) return bad(COUNT);
  }
  return null;
}

const COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';

// The turn begins after the last message of the user's own; only its calls are checked, and only the first call of each
// message bears a signature (ai.google.dev/gemini-api/docs/thought-signatures).
function signatureFault({ body, traits, sign }: Ruled): Refusal | null {
  if (!traits.signsCalls) return null;
  const contents = listAt(body, 'contents');
  const start = contents.findLastIndex(({ value }) => isUserText(value));
  for (const { index, value } of contents.slice(start + 1)) {
    const [call] = partsWith(value, 'functionCall');
    if (call === undefined) continue;
    const signature = asString(either(call.value, 'thoughtSignature')) ?? '';
    const name = asString(field(either(call.value, 'functionCall'), 'name')) ?? '';
    if (signature === '') return bad(missing(name, index + 1));
    const args = field(either(call.value, 'functionCall'), 'args') ?? {};
    if (SKIPPED.includes(signature) || signature === callSignature(sign, name, args)) continue;
    return bad('Corrupted thought signature.');
  }
  return null;
}

function isUserText(content: Json): boolean {
  const parts = field(content, 'parts');
  const role = field(content, 'role') ?? 'user';
  return (
    role === 'user' && isArray(parts) && parts.some((part) => either(part, 'functionResponse') === undefined)
  );
}

/** The values that Google documents for calls which no Gemini model made. */
const SKIPPED = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

function missing(name: string, position: number): string {
  return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${position}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
}

function bad(message: string): Refusal {
  return { status: 400, message };
}
