import { asString, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type { FunctionTool, GenerateRequest, Tool, ToolChoice } from '../../spec/generate.ts';
import { decodeCache } from './content-decode.ts';
import {
  optionalBoolean,
  optionalList,
  optionalObject,
  optionalText,
  requiredObject,
  requiredText,
  wrong,
} from './fields.ts';
import { OPENAI_CHAT } from './id.ts';

/** The fields that `decodeTools` and `decodeToolChoice` read. */
export const TOOL_FIELDS = ['tools', 'functions', 'tool_choice', 'function_call'] as const;

/** The tools of a request: functions, legacy functions, and every other kind as a native tool. */
export function decodeTools(body: JsonObject): readonly Tool[] {
  const tools = (optionalList(body, 'tools') ?? []).map((tool, index) => decodeTool(tool, `tools[${index}]`));
  const legacy = (optionalList(body, 'functions') ?? []).map((value, index) => {
    const path = `functions[${index}]`;
    return decodeFunction(requiredObject(value, path), path);
  });
  return [...tools, ...legacy];
}

/** The choice among tools, and what of it only this wire understands (`allowed_tools`, a custom tool). */
export function decodeToolChoice(body: JsonObject): {
  readonly settings: Pick<GenerateRequest, 'toolChoice'>;
  readonly kept: JsonObject;
} {
  const value = body['tool_choice'] ?? legacyChoice(body['function_call']);
  if (value === undefined || value === null) return { settings: {}, kept: {} };
  if (typeof value === 'string') return { settings: { toolChoice: choiceWord(value) }, kept: {} };
  const choice = requiredObject(value, 'tool_choice');
  const type = requiredText(choice, 'type', 'tool_choice.type');
  if (type === 'function') {
    const named = requiredObject(choice['function'], 'tool_choice.function');
    const name = requiredText(named, 'name', 'tool_choice.function.name');
    return { settings: { toolChoice: { type: 'tool', name } }, kept: {} };
  }
  const mode = asString(field(choice['allowed_tools'], 'mode'));
  const nearest: ToolChoice = { type: mode === 'required' || type === 'custom' ? 'required' : 'auto' };
  return { settings: { toolChoice: nearest }, kept: { tool_choice: choice } };
}

function decodeTool(value: Json, path: string): Tool {
  const tool = requiredObject(value, path);
  // Mistral's clients leave the type out.
  const type = isObject(tool['function']) ? 'function' : requiredText(tool, 'type', `${path}.type`);
  if (type === 'function') {
    const definition = decodeFunction(
      requiredObject(tool['function'], `${path}.function`),
      `${path}.function`,
    );
    return { ...definition, ...decodeCache(tool), ...decodeCache(tool['function']) };
  }
  const name = asString(field(tool[type], 'name')) ?? asString(tool['name']) ?? type;
  return { type: 'native', origin: OPENAI_CHAT, name, value: tool };
}

function decodeFunction(definition: JsonObject, path: string): FunctionTool {
  const name = requiredText(definition, 'name', `${path}.name`);
  if (name === '') throw invalid(`${path}.name`, `${path}.name is empty.`);
  const description = optionalText(definition, 'description', `${path}.description`);
  const strict = optionalBoolean(definition, 'strict', `${path}.strict`);
  return {
    type: 'function',
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: optionalObject(definition, 'parameters', `${path}.parameters`) ?? NO_ARGUMENTS,
    ...(strict === undefined ? {} : { strict }),
  };
}

const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

// `any` is Mistral's word for `required`.
function choiceWord(word: string): ToolChoice {
  if (word === 'auto' || word === 'none' || word === 'required') return { type: word };
  if (word === 'any') return { type: 'required' };
  throw invalid('tool_choice', `tool_choice is "${word}", but must be none, auto, required or an object.`);
}

function legacyChoice(value: Json | undefined): Json | undefined {
  if (value === undefined || value === null || value === 'auto' || value === 'none') return value;
  if (!isObject(value)) throw wrong('function_call', '"auto", "none" or an object', value);
  return { type: 'function', function: value };
}
