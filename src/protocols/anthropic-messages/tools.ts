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
import { GatewayError } from '../../spec/error.ts';
import type { FunctionTool, GenerateRequest, Tool, ToolChoice } from '../../spec/generate.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { encodeToolName } from './names.ts';
import type { Warnings } from '../warnings.ts';
import type { ThinkingFields } from './reasoning-encode.ts';
import { ANSWER_TOOL, type OutputPlan } from './output-format.ts';
import { blameClient, readCache, requireString, writeCache } from './wire.ts';

/** Reads `tools`: those with an `input_schema` are functions of the client, all others belong to this wire. */
export function readTools(tools: Json | undefined): readonly Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!isArray(tools)) throw blameClient('tools', 'Input should be a list');
  return tools.map((tool, i) => readTool(tool, `tools[${i}]`));
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
export function readToolChoice(choice: Json | undefined): {
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

/** Writes the tools of a request, and the answer tool where the output format needs one. */
export function writeTools(
  request: GenerateRequest,
  plan: OutputPlan,
  extras: Json | undefined,
): readonly JsonObject[] {
  const tools = request.tools.map((tool) => writeTool(tool, extras));
  if (plan.type !== 'answer-tool') return tools;
  return [...tools, { name: ANSWER_TOOL, description: plan.description, input_schema: plan.schema }];
}

/**
 * Writes the choice. With a thinking budget the API refuses to force a call (mastra #7507), so the choice is relaxed; with
 * adaptive thinking it takes it (recorded).
 */
export function writeToolChoice(
  request: GenerateRequest,
  plan: OutputPlan,
  { thinking }: ThinkingFields,
  warnings: Warnings,
): JsonObject | undefined {
  if (plan.type === 'answer-tool') return answerChoice(request);
  if (request.tools.length === 0) return undefined;
  const { toolChoice: choice, parallelToolCalls: parallel } = request;
  const single = parallel === undefined ? undefined : !parallel;
  if (choice === undefined)
    return single === undefined ? undefined : { type: 'auto', disable_parallel_tool_use: single };
  if (choice.type === 'none') return { type: 'none' };
  if (choice.type === 'auto') return compact({ type: 'auto', disable_parallel_tool_use: single });
  if (thinking?.['type'] === 'enabled') {
    warnings.add(
      'emulated',
      'toolChoice',
      'With a thinking budget no tool call can be forced; the model was left to choose.',
    );
    return compact({ type: 'auto', disable_parallel_tool_use: single });
  }
  if (choice.type === 'required') return compact({ type: 'any', disable_parallel_tool_use: single });
  return compact({ type: 'tool', name: encodeToolName(choice.name), disable_parallel_tool_use: single });
}

const FUNCTION_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
]);

// With tools of the client beside it, the answer tool is one way to end the turn; alone it is the only one.
function answerChoice(request: GenerateRequest): JsonObject {
  if (request.tools.length > 0 && request.toolChoice?.type !== 'none') {
    return compact({
      type: 'any',
      disable_parallel_tool_use: request.parallelToolCalls === false ? true : undefined,
    });
  }
  return { type: 'tool', name: ANSWER_TOOL, disable_parallel_tool_use: true };
}

function isFunction(tool: JsonObject): boolean {
  const type = field(tool, 'type');
  return type === undefined || type === null || type === 'custom';
}

function readTool(tool: Json, path: string): Tool {
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
    ...readCache(tool),
  };
}

function writeTool(tool: Tool, extras: Json | undefined): JsonObject {
  if (tool.type === 'function') return writeFunction(tool, field(extras, tool.name));
  if (tool.origin === ANTHROPIC_MESSAGES && isObject(tool.value)) return tool.value;
  throw new GatewayError(
    'unsupported',
    `The tool "${tool.name}" exists only on the wire ${tool.origin}; this model's provider has no equivalent.`,
    { field: 'tools' },
  );
}

function writeFunction(tool: FunctionTool, extra: Json | undefined): JsonObject {
  return compact({
    ...(isObject(extra) ? extra : {}),
    name: encodeToolName(tool.name),
    description: tool.description,
    input_schema: objectSchema(tool.inputSchema),
    strict: tool.strict,
    cache_control: writeCache(tool.cache),
  });
}

// The API takes object schemas only; a function without parameters often comes with an empty schema.
function objectSchema(schema: JsonObject): JsonObject {
  return schema['type'] === 'object' ? schema : { ...schema, type: 'object' };
}
