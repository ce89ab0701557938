import { asArray, asString, compact, isObject, setOwn, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError, invalid } from '../../spec/error.ts';
import type { FunctionTool, GenerateRequest, Tool, ToolChoice } from '../../spec/generate.ts';
import type { Encoding } from './encoding.ts';
import { GEMINI } from './id.ts';
import { toJsonSchema } from './schema.ts';
import { encodeToolName } from './names.ts';
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

/** Writes `tools`; neighbouring functions share one entry. Schemas go as `parametersJsonSchema`, which takes all of JSON Schema. */
export function encodeTools(request: GenerateRequest, encoding: Encoding): readonly JsonObject[] | undefined {
  const extras = request.extras?.origin === GEMINI ? request.extras.fields[DECLARATION_EXTRAS] : undefined;
  const entries: JsonObject[] = [];
  let functions: JsonObject[] | null = null;
  for (const tool of request.tools) {
    if (tool.type === 'native') {
      entries.push(encodeNative(tool.origin, tool.name, tool.value));
      functions = null;
      continue;
    }
    if (functions === null) {
      functions = [];
      entries.push({ functionDeclarations: functions });
    }
    functions.push({
      ...encodeDeclaration(tool, encoding),
      ...camelObject(isObject(extras) ? extras[tool.name] : undefined),
    });
  }
  return entries.length === 0 ? undefined : entries;
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

/** The choice as `functionCallingConfig`. */
export function encodeToolChoice(choice: ToolChoice): JsonObject {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [encodeToolName(choice.name)] };
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

function encodeDeclaration(tool: FunctionTool, encoding: Encoding): JsonObject {
  if (tool.strict === true) {
    encoding.warnings.add(
      'dropped',
      'tools',
      'Gemini cannot hold the arguments of one tool to its schema strictly.',
    );
  }
  return compact({
    name: encodeToolName(tool.name),
    description: tool.description,
    parametersJsonSchema: tool.inputSchema,
  });
}

function encodeNative(origin: string, name: string, value: Json): JsonObject {
  if (origin === GEMINI && isObject(value)) return value;
  throw new GatewayError(
    'unsupported',
    `The built-in tool "${name}" of the ${origin} wire cannot run on Gemini.`,
    {
      field: 'tools',
    },
  );
}
