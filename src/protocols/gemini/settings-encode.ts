import { compact, fieldAt, isObject, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest } from '../../spec/generate.ts';
import type { Encoding } from './encoding.ts';
import { GEMINI } from './id.ts';
import { encodeReasoning } from './reasoning-encode.ts';

/** `generationConfig` of a request; undefined where nothing is set. */
export function encodeSettings(request: GenerateRequest, encoding: Encoding): JsonObject | undefined {
  noteFormless(request, encoding);
  const config = compact({
    ...encodeSampling(request, encoding),
    candidateCount: request.candidates,
    maxOutputTokens: outputLimit(request, encoding),
    stopSequences: stops(request, encoding),
    seed: seedOf(request, encoding),
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    ...encodeLogprobs(request, encoding),
    ...encodeOutput(request, encoding),
    thinkingConfig:
      request.reasoning === undefined ? undefined : encodeReasoning(request.reasoning, encoding),
  });
  return Object.keys(config).length === 0 ? undefined : config;
}

const STOPS_MAX = 5;
const LOGPROBS_MAX = 20;
const SEED_MAX = 2 ** 31;

/** What Gemini has no field for. Hints that change no answer (cache hints, cache key) are left out without a word. */
const FORMLESS: readonly (readonly [keyof GenerateRequest, string])[] = [
  ['logitBias', 'Gemini has no bias of single tokens.'],
  ['metadata', 'Gemini keeps no metadata of a request.'],
  ['userId', 'Gemini takes no id of the end user.'],
];

function noteFormless(request: GenerateRequest, encoding: Encoding): void {
  for (const [name, message] of FORMLESS) {
    if (request[name] !== undefined) encoding.warnings.add('dropped', name, message);
  }
  if (request.parallelToolCalls === false && request.tools.length > 0) {
    encoding.warnings.add(
      'dropped',
      'parallelToolCalls',
      'Gemini cannot be kept from calling several tools at once.',
    );
  }
  if (request.messages.some((message) => 'name' in message && message.name !== undefined)) {
    encoding.warnings.add('dropped', 'messages', 'Gemini has no names of participants.');
  }
  const extras = request.extras;
  if (extras === undefined || extras.origin === GEMINI) return;
  for (const name of Object.keys(extras.fields)) {
    encoding.warnings.add(
      'dropped',
      name,
      `The field ${name} of the ${extras.origin} wire has no form on the Gemini wire.`,
    );
  }
}

function encodeSampling(request: GenerateRequest, encoding: Encoding): JsonObject {
  const { temperature, topP, topK } = request;
  const sampling = encoding.target.capabilities.sampling;
  if (sampling === 'none') {
    if (temperature !== undefined || topP !== undefined || topK !== undefined) {
      encoding.warnings.add('dropped', 'temperature', `${encoding.target.model} refuses sampling fields.`);
    }
    return {};
  }
  const both = sampling === 'one-of' && temperature !== undefined && topP !== undefined;
  if (both)
    encoding.warnings.add('dropped', 'topP', `${encoding.target.model} takes temperature or topP, not both.`);
  return compact({
    temperature: clamped('temperature', temperature, [0, 2], encoding),
    topP: both ? undefined : clamped('topP', topP, [0, 1], encoding),
    topK,
  });
}

function outputLimit(request: GenerateRequest, encoding: Encoding): number | undefined {
  const max = encoding.target.capabilities.outputTokensMax ?? Number.MAX_SAFE_INTEGER;
  return clamped('maxOutputTokens', request.maxOutputTokens, [1, max], encoding);
}

function clamped(
  name: string,
  value: number | undefined,
  [low, high]: readonly [number, number],
  encoding: Encoding,
): number | undefined {
  if (value === undefined) return undefined;
  const result = Math.min(Math.max(value, low), high);
  if (result !== value)
    encoding.warnings.add('clamped', name, `${name} was brought to ${result}, the limit of the model.`);
  return result;
}

function stops(request: GenerateRequest, encoding: Encoding): readonly string[] | undefined {
  if (request.stop === undefined || request.stop.length <= STOPS_MAX) return request.stop;
  encoding.warnings.add(
    'dropped',
    'stop',
    `Gemini takes ${STOPS_MAX} stop sequences; the others were left out.`,
  );
  return request.stop.slice(0, STOPS_MAX);
}

function seedOf(request: GenerateRequest, encoding: Encoding): number | undefined {
  const seed = request.seed;
  if (seed === undefined || (Number.isInteger(seed) && seed >= -SEED_MAX && seed < SEED_MAX)) return seed;
  encoding.warnings.add('dropped', 'seed', 'Gemini takes seeds of 32 bits only.');
  return undefined;
}

function encodeLogprobs(request: GenerateRequest, encoding: Encoding): JsonObject {
  if (request.logprobs === undefined) return {};
  const top = clamped('logprobs', request.logprobs.top, [0, LOGPROBS_MAX], encoding);
  return compact({ responseLogprobs: true, logprobs: top === 0 ? undefined : top });
}

function encodeOutput(request: GenerateRequest, encoding: Encoding): JsonObject {
  const output = request.output;
  if (output === undefined) return {};
  if (output.type === 'text') return { responseMimeType: 'text/plain' };
  if (encoding.generation < 3 && request.tools.some((tool) => tool.type === 'function')) {
    encoding.warnings.add('dropped', 'output', 'Gemini 2 refuses JSON output together with function tools.');
    return {};
  }
  const support = encoding.target.quirks.jsonSchema;
  if (support === 'none') {
    encoding.warnings.add('dropped', 'output', 'This provider cannot hold answers to JSON.');
    return {};
  }
  if (output.type === 'json') return { responseMimeType: 'application/json' };
  if (support === 'json-mode' || !encoding.target.capabilities.structuredOutput) {
    encoding.warnings.add('emulated', 'output', 'The answer is held to JSON but not to the schema.');
    return { responseMimeType: 'application/json' };
  }
  const subset =
    request.extras?.origin === GEMINI
      ? fieldAt(request.extras.fields, 'generationConfig', 'responseSchema')
      : undefined;
  const schema = isObject(subset) ? undefined : output.schema;
  return compact({ responseMimeType: 'application/json', responseJsonSchema: schema });
}
