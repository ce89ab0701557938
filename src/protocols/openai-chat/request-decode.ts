import { given } from '../../base/given.ts';
import { compact, field, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type { Extras, GenerateRequest, OutputFormat } from '../../spec/generate.ts';
import type { RequestPath } from '../protocol.ts';
import {
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalText,
  requiredObject,
  requiredText,
  wrong,
} from './fields.ts';
import { OPENAI_CHAT } from './id.ts';
import { decodeMessages } from './messages-decode.ts';
import { decodeReasoning, REASONING_FIELDS } from './reasoning-decode.ts';
import { decodeToolChoice, decodeTools, TOOL_FIELDS } from './tools-decode.ts';

/** Makes the request of a client's body; throws `invalid_request` that names the field. */
export function decodeRequest(body: Json, path: RequestPath): GenerateRequest {
  if (!isObject(body)) throw invalid('body', 'The body must be a JSON object.');
  const choice = decodeToolChoice(body);
  const extras = unknownFields(body, choice.kept);
  return {
    model: optionalText(body, 'model') ?? path.model ?? requiredText(body, 'model'),
    stream: optionalBoolean(body, 'stream') ?? path.stream ?? false,
    messages: decodeMessages(body['messages']),
    tools: decodeTools(body),
    ...choice.settings,
    ...decodeLimits(body),
    ...decodeSampling(body),
    ...decodeReasoning(body),
    ...decodeOutput(body),
    ...decodeLabels(body),
    ...(extras === null ? {} : { extras }),
  };
}

function decodeLimits(body: JsonObject): Partial<GenerateRequest> {
  const newer = optionalInteger(body, 'max_completion_tokens', { min: 1 });
  const n = optionalInteger(body, 'n', { min: 1, max: 128 });
  return given({
    maxOutputTokens: newer ?? optionalInteger(body, 'max_tokens', { min: 1 }),
    stop: decodeStop(body['stop']),
    // One answer is what everybody gives unasked.
    candidates: n === 1 ? undefined : n,
  });
}

function decodeSampling(body: JsonObject): Partial<GenerateRequest> {
  const top = optionalInteger(body, 'top_logprobs', { min: 0, max: 20 });
  const wanted = optionalBoolean(body, 'logprobs') ?? top !== undefined;
  return given({
    temperature: optionalNumber(body, 'temperature', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', { min: 0, max: 1 }),
    topK: optionalInteger(body, 'top_k', { min: -1 }),
    seed: optionalInteger(body, 'seed'),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', { min: -2, max: 2 }),
    presencePenalty: optionalNumber(body, 'presence_penalty', { min: -2, max: 2 }),
    logitBias: optionalObject(body, 'logit_bias'),
    logprobs: wanted ? { top: top ?? 0 } : undefined,
  });
}

function decodeOutput(body: JsonObject): Partial<GenerateRequest> {
  const format = optionalObject(body, 'response_format');
  const options = optionalObject(body, 'stream_options');
  return given({
    output: format === undefined ? undefined : decodeFormat(format),
    streamUsage:
      options === undefined
        ? undefined
        : optionalBoolean(options, 'include_usage', 'stream_options.include_usage'),
  });
}

function decodeFormat(format: JsonObject): OutputFormat {
  const type = requiredText(format, 'type', 'response_format.type');
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema') {
    throw invalid(
      'response_format.type',
      `response_format.type is "${type}", but must be text, json_object or json_schema.`,
    );
  }
  const path = 'response_format.json_schema';
  const wrapper = requiredObject(format['json_schema'], path);
  return {
    type: 'json-schema',
    schema: optionalObject(wrapper, 'schema', `${path}.schema`) ?? {},
    ...given({
      name: optionalText(wrapper, 'name', `${path}.name`),
      description: optionalText(wrapper, 'description', `${path}.description`),
      strict: optionalBoolean(wrapper, 'strict', `${path}.strict`),
    }),
  };
}

function decodeLabels(body: JsonObject): Partial<GenerateRequest> {
  return given({
    userId: optionalText(body, 'safety_identifier') ?? optionalText(body, 'user'),
    metadata: decodeMetadata(optionalObject(body, 'metadata')),
    serviceTier: optionalText(body, 'service_tier'),
    cacheKey: optionalText(body, 'prompt_cache_key'),
    parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls'),
  });
}

function decodeMetadata(metadata: JsonObject | undefined): { readonly [key: string]: string } | undefined {
  if (metadata === undefined) return undefined;
  const entries = Object.entries(metadata).map(([key, value]) => {
    if (typeof value !== 'string') throw wrong(`metadata.${key}`, 'a string', value);
    return [key, value] as const;
  });
  return Object.fromEntries(entries);
}

function decodeStop(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return [value];
  if (!isArray(value)) throw wrong('stop', 'a string or an array of strings', value);
  const stops = value.map((entry, index) => {
    if (typeof entry !== 'string') throw wrong(`stop[${index}]`, 'a string', entry);
    return entry;
  });
  return stops.length === 0 ? undefined : stops;
}

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'messages',
  'max_completion_tokens',
  'max_tokens',
  'stop',
  'n',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'response_format',
  'stream_options',
  'safety_identifier',
  'user',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'parallel_tool_calls',
  ...TOOL_FIELDS,
  ...REASONING_FIELDS,
]);

// Fields without a word in the shared language stay with the request, for targets of this wire.
function unknownFields(body: JsonObject, kept: JsonObject): Extras | null {
  const fields: { [key: string]: Json | undefined } = { ...kept };
  for (const key of Object.keys(body)) {
    const value = field(body, key);
    if (!KNOWN.has(key) && value !== null) fields[key] = value;
  }
  const options = field(body, 'stream_options');
  if (isObject(options)) {
    const { include_usage: _, ...rest } = options;
    if (Object.keys(rest).length > 0) fields['stream_options'] = rest;
  }
  return Object.keys(fields).length === 0 ? null : { origin: OPENAI_CHAT, fields: compact(fields) };
}
