import { compact, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { FunctionTool, GenerateRequest, ToolChoice } from '../../spec/generate.ts';
import type { Encoding } from './encoding.ts';
import { GEMINI } from './id.ts';
import { encodeToolName } from './names.ts';
import { DECLARATION_EXTRAS } from './tools-decode.ts';
import { camelObject } from './wire.ts';

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
