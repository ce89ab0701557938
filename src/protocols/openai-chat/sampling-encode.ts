import { compact, type Json, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest } from '../../spec/generate.ts';
import type { Encoding } from './content-encode.ts';

/** Fields that OpenAI's reasoning models answer with 400 "Unsupported parameter" (recorded). */
export const SAMPLING_FIELDS = [
  'temperature',
  'top_p',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
] as const;

const STOPS_MAX = 4;

/** Sampling settings as far as the model takes them. */
export function encodeSampling(request: GenerateRequest, encoding: Encoding): JsonObject {
  const { target, warnings } = encoding;
  const { logprobs } = request;
  const wanted = compact({
    temperature: request.temperature,
    top_p: request.topP,
    stop: stopsOf(request.stop, encoding),
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    logit_bias: request.logitBias,
    logprobs: logprobs === undefined ? undefined : true,
    top_logprobs: logprobs === undefined || logprobs.top === 0 ? undefined : logprobs.top,
  });
  if (request.topK !== undefined) warnings.add('dropped', 'top_k', 'This API has no top_k.');
  if ((request.candidates ?? 1) > 1) {
    warnings.add('dropped', 'n', 'Only one answer can be translated; the others were not asked for.');
  }
  const banned = bannedFields(wanted, target.capabilities.sampling);
  for (const name of banned)
    warnings.add('dropped', name, `The model does not take ${name}${WHY[target.capabilities.sampling]}.`);
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !banned.includes(name)));
}

const WHY = { free: '', 'one-of': ' beside temperature', none: '' } as const;

function bannedFields(wanted: JsonObject, sampling: keyof typeof WHY): readonly string[] {
  if (sampling === 'none') return SAMPLING_FIELDS.filter((name) => Object.hasOwn(wanted, name));
  const both = Object.hasOwn(wanted, 'temperature') && Object.hasOwn(wanted, 'top_p');
  return sampling === 'one-of' && both ? ['top_p'] : [];
}

function stopsOf(stop: readonly string[] | undefined, { warnings }: Encoding): Json | undefined {
  if (stop === undefined || stop.length === 0) return undefined;
  if (stop.length > STOPS_MAX) {
    warnings.add(
      'clamped',
      'stop',
      `The provider takes at most ${STOPS_MAX} stop strings; the first ones were kept.`,
    );
  }
  return stop.slice(0, STOPS_MAX);
}
