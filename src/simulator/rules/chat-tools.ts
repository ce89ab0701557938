import { asString, field, isArray, type Json } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { isGiven, objectsAt } from './reading.ts';
import type { Rule } from './rule.ts';
import { strictFault } from './strict-schema.ts';

/** Rules about tools and structured output of the chat wire. Wording as recorded where a recording exists. */
export const CHAT_TOOL_RULES: readonly Rule[] = [
  {
    name: 'a list of tools is not empty',
    check: ({ body }) => {
      const tools = field(body, 'tools');
      if (!isArray(tools) || tools.length > 0) return null;
      const message =
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.";
      return { status: 400, message, param: 'tools', code: 'empty_array' };
    },
  },
  { name: 'tool names have at most 64 letters, digits, _ and -', check: ({ body }) => nameFault(body) },
  {
    name: 'a tool choice comes with tools, and names one of them',
    check: ({ body }) => {
      if (!isGiven(body, 'tool_choice')) return null;
      if (!isGiven(body, 'tools')) {
        const message =
          "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
        return { status: 400, message, param: 'tool_choice' };
      }
      const chosen = asString(field(field(field(body, 'tool_choice'), 'function'), 'name'));
      if (chosen === undefined || functionsOf(body).some(({ value }) => value['name'] === chosen))
        return null;
      const message = `Invalid value: '${chosen}'. Tool choice '${chosen}' not found in 'tools' parameter.`;
      return { status: 400, message, param: 'tool_choice' };
    },
  },
  {
    name: 'strict tools have strict schemas',
    check: ({ body }) => {
      for (const { index, value } of functionsOf(body)) {
        const fault = value['strict'] === true ? strictFault(value['parameters']) : null;
        if (fault === null) continue;
        const message = `Invalid schema for function '${asString(value['name']) ?? ''}': ${fault}`;
        return {
          status: 400,
          message,
          param: `tools[${index}].function.parameters`,
          code: 'invalid_function_parameters',
        };
      }
      return null;
    },
  },
  {
    name: 'a response format has a name, and a strict one a strict schema',
    check: ({ body }) => {
      const format = field(body, 'response_format');
      if (field(format, 'type') !== 'json_schema') return null;
      const name = asString(field(field(format, 'json_schema'), 'name'));
      if (name === undefined) return missing('response_format.json_schema.name');
      const strict = field(field(format, 'json_schema'), 'strict') === true;
      const fault = strict ? strictFault(field(field(format, 'json_schema'), 'schema')) : null;
      if (fault === null) return null;
      const message = `Invalid schema for response_format '${name}': ${fault}`;
      return { status: 400, message, param: 'response_format' };
    },
  },
];

function functionsOf(body: Json): ReturnType<typeof objectsAt> {
  return objectsAt(body, 'tools').flatMap(({ index, value }) => {
    const [own] = objectsAt({ list: [value['function'] ?? null] }, 'list');
    return own === undefined ? [] : [{ index, value: own.value }];
  });
}

function nameFault(body: Json): Refusal | null {
  for (const { index, value } of functionsOf(body)) {
    const param = `tools[${index}].function.name`;
    const name = asString(value['name']);
    if (name === undefined) return missing(param);
    if (name.length > 64) {
      const message = `Invalid '${param}': string too long. Expected a string with maximum length 64, but got a string with length ${name.length} instead.`;
      return { status: 400, message, param, code: 'string_above_max_length' };
    }
    if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
      const message = `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`;
      return { status: 400, message, param, code: 'invalid_value' };
    }
  }
  return null;
}

function missing(param: string): Refusal {
  const message = `Missing required parameter: '${param}'.`;
  return { status: 400, message, param, code: 'missing_required_parameter' };
}
