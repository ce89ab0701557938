import { asArray, asString, isObject, setOwn, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type { FunctionTool, Tool, ToolChoice } from '../../spec/generate.ts';
import { GEMINI } from './id.ts';
import { toJsonSchema } from './schema.ts';
import { camelKeys, camelObject, leftover } from './wire.ts';

/** What `tools` says: the tools, and fields of declarations that other wires have no word for, by function name. */
export interface DecodedTools {
  readonly tools: readonly Tool[];
  readonly declarationExtras: JsonObject | undefined;
}

/** Reads `tools`: function declarations one by one, every built-in tool as a native one. */
export function decodeTools(json: Json | undefined): DecodedTools {
  const tools: Tool[] = [];
  const extras: { [name: string]: Json } = {};
  asArray(json).forEach((item, index) => {
    if (!isObject(item)) throw invalid(`tools[${index}]`, `tools[${index}] must be an object.`);
    const entry = camelKeys(item);
    for (const key of Object.keys(entry)) {
      if (key === 'functionDeclarations') continue;
      tools.push({ type: 'native', name: key, origin: GEMINI, value: { [key]: entry[key] ?? {} } });
    }
    for (const declaration of asArray(entry['functionDeclarations'])) {
      const known = camelObject(declaration);
      const tool = decodeDeclaration(known, `tools[${index}].functionDeclarations`);
      const rest = leftover(known, DECLARATION_FIELDS);
      if (rest !== undefined) setOwn(extras, tool.name, rest);
      tools.push(tool);
    }
  });
  return { tools, declarationExtras: Object.keys(extras).length === 0 ? undefined : extras };
}

/** The key in our own bag of extras under which the leftovers of declarations are kept; never on the wire. */
export const DECLARATION_EXTRAS = 'functionDeclarations';

/** The choice behind `functionCallingConfig`; undefined where our language has no word for it (VALIDATED, a list of names). */
export function decodeToolChoice(config: JsonObject): ToolChoice | undefined {
  const names = asArray(config['allowedFunctionNames']);
  const only = names.length === 1 ? asString(names[0]) : undefined;
  switch (config['mode']) {
    case 'AUTO':
      return names.length === 0 ? { type: 'auto' } : undefined;
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      return only === undefined ? { type: 'required' } : { type: 'tool', name: only };
    default:
      return undefined;
  }
}

const DECLARATION_FIELDS = ['name', 'description', 'parameters', 'parametersJsonSchema'];

function decodeDeclaration(declaration: JsonObject, path: string): FunctionTool {
  const name = asString(declaration['name']);
  if (name === undefined || name === '') throw invalid(path, `${path} must have a name.`);
  const description = asString(declaration['description']);
  const full = declaration['parametersJsonSchema'];
  const subset = declaration['parameters'];
  const parameters = isObject(subset) ? toJsonSchema(subset) : { type: 'object', properties: {} };
  return {
    type: 'function',
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: isObject(full) ? full : parameters,
  };
}
