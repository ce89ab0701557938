import {
  asNumber,
  asString,
  isArray,
  isObject,
  setOwn,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import type { GenerateRequest, OutputFormat } from '../../spec/generate.ts';
import { toJsonSchema } from './schema.ts';
import { decodeReasoning } from './reasoning-decode.ts';
import { camelObject, countOf, leftover } from './wire.ts';

/** The settings behind `generationConfig`, and its fields that other wires have no word for. */
export interface DecodedSettings {
  readonly settings: Partial<GenerateRequest>;
  readonly extras: JsonObject | undefined;
}

/** Reads `generationConfig`. */
export function decodeSettings(json: Json | undefined): DecodedSettings {
  if (json !== undefined && json !== null && !isObject(json)) {
    throw invalid('generationConfig', 'generationConfig must be an object.');
  }
  const config = camelObject(json ?? undefined);
  const settings: { -readonly [key in keyof GenerateRequest]?: GenerateRequest[key] } = {};
  for (const [field, name] of NUMBERS) {
    const value = numberAt(config, field);
    if (value !== undefined) settings[name] = value;
  }
  const stop = stopsOf(config['stopSequences']);
  if (stop !== undefined) settings.stop = stop;
  if (config['responseLogprobs'] === true) settings.logprobs = { top: countOf(config['logprobs']) ?? 0 };
  const reasoning = decodeReasoning(camelObject(config['thinkingConfig']));
  if (reasoning !== undefined) settings.reasoning = reasoning;
  const output = outputOf(config);
  if (output !== undefined) settings.output = output;
  return { settings, extras: leftover(withoutOutput(config, output), KNOWN) };
}

const NUMBERS = [
  ['maxOutputTokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['topK', 'topK'],
  ['seed', 'seed'],
  ['frequencyPenalty', 'frequencyPenalty'],
  ['presencePenalty', 'presencePenalty'],
  ['candidateCount', 'candidates'],
] as const;

const KNOWN = [
  ...NUMBERS.map(([field]) => field),
  'stopSequences',
  'responseLogprobs',
  'logprobs',
  'thinkingConfig',
];

function numberAt(config: JsonObject, field: string): number | undefined {
  const value = config[field];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' ? countOf(value) : asNumber(value);
  if (number === undefined)
    throw invalid(`generationConfig.${field}`, `generationConfig.${field} must be a number.`);
  return number;
}

function stopsOf(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const strings = isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  if (!isArray(value) || strings.length < value.length) {
    throw invalid(
      'generationConfig.stopSequences',
      'generationConfig.stopSequences must be an array of strings.',
    );
  }
  return strings;
}

function outputOf(config: JsonObject): OutputFormat | undefined {
  const mime = asString(config['responseMimeType']);
  const full = config['responseJsonSchema'] ?? config['_responseJsonSchema'];
  const subset = config['responseSchema'];
  if (mime === 'text/plain') return { type: 'text' };
  if (mime !== 'application/json') return undefined;
  if (isObject(full)) return { type: 'json-schema', schema: full };
  return isObject(subset) ? { type: 'json-schema', schema: toJsonSchema(subset) } : { type: 'json' };
}

// A subset schema stays among the extras beside its translation: it says more (ordering) and Google knows it best.
function withoutOutput(config: JsonObject, output: OutputFormat | undefined): JsonObject {
  const result: { [key: string]: Json } = {};
  for (const key of Object.keys(config)) {
    const value = config[key];
    const said = output !== undefined && (key === 'responseMimeType' || key.endsWith('esponseJsonSchema'));
    if (value !== undefined && !said) setOwn(result, key, value);
  }
  return result;
}
