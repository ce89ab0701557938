import { compact, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { FunctionTool, GenerateRequest, Tool } from '../../spec/generate.ts';
import type { Warnings } from '../warnings.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { encodeToolName } from './names.ts';
import { ANSWER_TOOL, type OutputPlan } from './output-format.ts';
import type { ThinkingFields } from './reasoning-encode.ts';
import { encodeCache } from './wire.ts';

/** Writes the tools of a request, and the answer tool where the output format needs one. */
export function encodeTools(
  request: GenerateRequest,
  plan: OutputPlan,
  extras: Json | undefined,
): readonly JsonObject[] {
  const tools = request.tools.map((tool) => encodeTool(tool, extras));
  if (plan.type !== 'answer-tool') return tools;
  return [...tools, { name: ANSWER_TOOL, description: plan.description, input_schema: plan.schema }];
}

/**
 * Writes the choice. With a thinking budget the API refuses to force a call (mastra #7507), so the choice is relaxed; with
 * adaptive thinking it takes it (recorded).
 */
export function encodeToolChoice(
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

function encodeTool(tool: Tool, extras: Json | undefined): JsonObject {
  if (tool.type === 'function') return encodeFunction(tool, field(extras, tool.name));
  if (tool.origin === ANTHROPIC_MESSAGES && isObject(tool.value)) return tool.value;
  throw new GatewayError(
    'unsupported',
    `The tool "${tool.name}" exists only on the wire ${tool.origin}; this model's provider has no equivalent.`,
    { field: 'tools' },
  );
}

function encodeFunction(tool: FunctionTool, extra: Json | undefined): JsonObject {
  return compact({
    ...(isObject(extra) ? extra : {}),
    name: encodeToolName(tool.name),
    description: tool.description,
    input_schema: objectSchema(tool.inputSchema),
    strict: tool.strict,
    cache_control: encodeCache(tool.cache),
  });
}

// The API takes object schemas only; a function without parameters often comes with an empty schema.
function objectSchema(schema: JsonObject): JsonObject {
  return schema['type'] === 'object' ? schema : { ...schema, type: 'object' };
}
