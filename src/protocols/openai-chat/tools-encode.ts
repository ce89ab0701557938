import { compact, isObject, type JsonObject } from '../../base/json.ts';
import { unreachable } from '../../base/assert.ts';
import type { FunctionTool, GenerateRequest, Tool, ToolChoice } from '../../spec/generate.ts';
import { cacheControl, type Encoding } from './content-encode.ts';
import { OPENAI_CHAT } from './id.ts';
import { encodeToolName } from './names.ts';

/** Tools, the choice among them, and whether several may be called at once. */
export function encodeToolSettings(request: GenerateRequest, encoding: Encoding): JsonObject {
  const tools = request.tools.flatMap((tool, index) => encodeTool(tool, index, encoding));
  if (tools.length === 0) return {};
  if (!encoding.target.capabilities.tools) {
    encoding.warnings.add('dropped', 'tools', 'The model calls no tools.');
    return {};
  }
  return compact({
    tools,
    tool_choice: request.toolChoice === undefined ? undefined : encodeChoice(request.toolChoice),
    parallel_tool_calls: request.parallelToolCalls,
  });
}

function encodeTool(tool: Tool, index: number, encoding: Encoding): readonly JsonObject[] {
  if (tool.type === 'function') return [encodeFunction(tool, encoding)];
  if (tool.origin === OPENAI_CHAT && isObject(tool.value)) return [tool.value];
  encoding.warnings.add(
    'dropped',
    `tools[${index}]`,
    `The tool "${tool.name}" belongs to another API and was left out.`,
  );
  return [];
}

function encodeFunction(tool: FunctionTool, encoding: Encoding): JsonObject {
  return compact({
    type: 'function',
    function: compact({
      name: encodeToolName(tool.name),
      description: tool.description,
      parameters: tool.inputSchema,
      strict: tool.strict,
    }),
    cache_control: cacheControl(tool.cache, encoding),
  });
}

function encodeChoice(choice: ToolChoice): JsonObject | string {
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'tool':
      return { type: 'function', function: { name: encodeToolName(choice.name) } };
    default:
      return unreachable(choice);
  }
}
