import { field, isObject, type JsonObject } from '../../base/json.ts';
import type { Finish, GenerateRequest, OutputFormat } from '../../spec/generate.ts';
import type { EncodeTarget } from '../protocol.ts';
import type { Warnings } from '../warnings.ts';
import { strictSchema } from './strict-schema.ts';
import { blameClient } from './wire.ts';

/** How an output format is put to the target. */
export type OutputPlan =
  | { readonly type: 'free' }
  /** `output_config.format`. */
  | { readonly type: 'native'; readonly format: JsonObject }
  /** A forced call of a tool whose input is the answer; decoding turns it back into text. */
  | { readonly type: 'answer-tool'; readonly schema: JsonObject; readonly description: string }
  /** A sentence at the end of the system prompt. */
  | { readonly type: 'instruction'; readonly text: string };

/** The reserved name of the tool through which a model without structured output gives its answer. */
export const ANSWER_TOOL = 'bellwether_structured_answer';

/** Reads `output_config.format`, or the `output_format` of its beta. */
export function decodeOutputFormat(body: JsonObject): OutputFormat | undefined {
  const format = field(field(body, 'output_config'), 'format') ?? field(body, 'output_format');
  if (format === undefined || format === null) return undefined;
  const schema = field(format, 'schema');
  if (field(format, 'type') !== 'json_schema')
    throw blameClient('output_config.format.type', 'Input should be "json_schema"');
  if (!isObject(schema)) throw blameClient('output_config.format.schema', 'Input should be an object');
  return { type: 'json-schema', schema };
}

/** Decides how the wanted format is put to the target. */
export function planOutput(request: GenerateRequest, target: EncodeTarget, warnings: Warnings): OutputPlan {
  const wanted = request.output;
  if (wanted === undefined || wanted.type === 'text') return { type: 'free' };
  if (wanted.type === 'json') {
    warnings.add(
      'emulated',
      'output',
      'The Messages API has no JSON mode; the model was told to answer in JSON.',
    );
    return { type: 'instruction', text: JSON_MODE };
  }
  if (target.capabilities.structuredOutput && target.quirks.jsonSchema === 'native') {
    return planNative(wanted.schema, warnings);
  }
  return planEmulated(wanted, request, warnings);
}

/** The finish of an answer that came through the answer tool. */
export function unwrapFinish(
  finish: Finish,
  seen: { readonly answer: boolean; readonly calls: boolean },
): Finish {
  return seen.answer && !seen.calls && finish.reason === 'tool-calls'
    ? { ...finish, reason: 'stop' }
    : finish;
}

const JSON_MODE = 'Answer with one JSON object and nothing else: no explanation, no code fence.';

function planNative(schema: JsonObject, warnings: Warnings): OutputPlan {
  const strict = strictSchema(schema);
  if (strict.dropped.length > 0) {
    const keywords = strict.dropped.join(', ');
    warnings.add('dropped', 'output.schema', `Structured output does not know these keywords: ${keywords}.`);
  }
  return { type: 'native', format: { type: 'json_schema', schema: strict.schema } };
}

function planEmulated(
  wanted: Extract<OutputFormat, { type: 'json-schema' }>,
  request: GenerateRequest,
  warnings: Warnings,
): OutputPlan {
  const mustCall = request.toolChoice?.type === 'required' || request.toolChoice?.type === 'tool';
  if (mustCall || wanted.schema['type'] !== 'object') {
    warnings.add('emulated', 'output', 'The model was told the schema; nothing holds its answer to it.');
    return {
      type: 'instruction',
      text: `${JSON_MODE} It must match this JSON Schema: ${JSON.stringify(wanted.schema)}`,
    };
  }
  warnings.add(
    'emulated',
    'output',
    'The schema was put to the model as a tool that it must call to answer.',
  );
  const description = wanted.description ?? 'Give the final answer by calling this tool with it.';
  return { type: 'answer-tool', schema: wanted.schema, description };
}
