import {
  asString,
  compact,
  field,
  isArray,
  isObject,
  setOwn,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { Tool, ToolChoice } from '../../spec/generate.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { blameClient, decodeCache, requireString } from './wire.ts';

/** Reads `tools`: those with an `input_schema` are functions of the client, all others belong to this wire. */
export function decodeTools(tools: Json | undefined): readonly Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!isArray(tools)) throw blameClient('tools', 'Input should be a list');
  return tools.map((tool, i) => decodeTool(tool, `tools[${i}]`));
}

/** Fields of function tools without a word in the shared language, by tool name (`defer_loading`, `input_examples`). */
export function toolExtras(tools: Json | undefined): JsonObject | undefined {
  const extras: { [name: string]: Json } = {};
  for (const tool of isArray(tools) ? tools : []) {
    if (!isObject(tool) || !isFunction(tool)) continue;
    const rest = Object.keys(tool).filter((key) => !FUNCTION_FIELDS.has(key));
    const name = asString(field(tool, 'name')) ?? '';
    if (rest.length > 0)
      setOwn(extras, name, compact(Object.fromEntries(rest.map((key) => [key, tool[key]]))));
  }
  return Object.keys(extras).length === 0 ? undefined : extras;
}

/** Reads `tool_choice`, in which the wire also says whether calls may be parallel. */
export function decodeToolChoice(choice: Json | undefined): {
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
} {
  if (choice === undefined || choice === null) return {};
  const single = field(choice, 'disable_parallel_tool_use');
  const parallel = typeof single === 'boolean' ? { parallelToolCalls: !single } : {};
  switch (field(choice, 'type')) {
    case 'auto':
      return { toolChoice: { type: 'auto' }, ...parallel };
    case 'any':
      return { toolChoice: { type: 'required' }, ...parallel };
    case 'none':
      return { toolChoice: { type: 'none' } };
    case 'tool':
      return {
        toolChoice: { type: 'tool', name: requireString(choice, 'name', 'tool_choice', blameClient) },
        ...parallel,
      };
    default:
      throw blameClient('tool_choice.type', 'Input should be "auto", "any", "tool" or "none"');
  }
}

const FUNCTION_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
]);

function isFunction(tool: JsonObject): boolean {
  const type = field(tool, 'type');
  return type === undefined || type === null || type === 'custom';
}

function decodeTool(tool: Json, path: string): Tool {
  if (!isObject(tool)) throw blameClient(path, 'Input should be an object');
  if (!isFunction(tool)) {
    const name = asString(field(tool, 'name')) ?? asString(field(tool, 'type')) ?? '';
    return { type: 'native', name, origin: ANTHROPIC_MESSAGES, value: tool };
  }
  const inputSchema = field(tool, 'input_schema');
  if (!isObject(inputSchema)) throw blameClient(`${path}.input_schema`, 'Field required');
  const description = asString(field(tool, 'description'));
  const strict = field(tool, 'strict');
  return {
    type: 'function',
    name: requireString(tool, 'name', path, blameClient),
    ...(description === undefined ? {} : { description }),
    inputSchema,
    ...(typeof strict === 'boolean' ? { strict } : {}),
    ...decodeCache(tool),
  };
}
