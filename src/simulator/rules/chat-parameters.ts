import { asArray, asNumber, field, type JsonObject } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { isGiven } from './reading.ts';
import type { Rule } from './rule.ts';

/** Rules about single parameters of the chat wire. Wording as recorded where a recording exists. */
export const CHAT_PARAMETER_RULES: readonly Rule[] = [
  {
    name: 'OpenAI models take no unknown arguments',
    check: ({ body, model }) => {
      if (!OPENAI_MODEL.test(model)) return null;
      const unknown = Object.keys(body).find((key) => !KNOWN_FIELDS.has(key));
      return unknown === undefined ? null : bad(`Unrecognized request argument supplied: ${unknown}`);
    },
  },
  {
    name: 'reasoning models are limited by max_completion_tokens',
    check: ({ body, traits }) => {
      if (!traits.newLimitField || !isGiven(body, 'max_tokens')) return null;
      return unsupported('max_tokens', " Use 'max_completion_tokens' instead.");
    },
  },
  { name: 'limits are at least one token', check: ({ body }) => limitFault(body) },
  {
    name: 'reasoning models take no sampling fields but their defaults',
    check: ({ body, model, traits }) => {
      if (traits.sampling !== 'none' || !OPENAI_MODEL.test(model)) return null;
      const temperature = field(body, 'temperature');
      if (isGiven(body, 'temperature') && temperature !== 1) {
        const message = `Unsupported value: 'temperature' does not support ${JSON.stringify(temperature)} with this model. Only the default (1) value is supported.`;
        return { ...bad(message, 'temperature'), code: 'unsupported_value' };
      }
      const refused = REASONING_REFUSES.find(
        ([name, usual]) =>
          isGiven(body, name) && field(body, name) !== usual && !(name === 'stop' && takesStop(model)),
      );
      return refused === undefined ? null : unsupported(refused[0]);
    },
  },
  { name: 'sampling fields are in range', check: ({ body }) => rangeFault(body) },
  {
    name: 'there are at most four stop strings',
    check: ({ body }) => {
      const { length } = asArray(field(body, 'stop'));
      if (length <= 4) return null;
      const message = `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${length} instead.`;
      return { ...bad(message, 'stop'), code: 'array_above_max_length' };
    },
  },
  {
    name: 'stream options come with streams only',
    check: ({ body }) => {
      if (!isGiven(body, 'stream_options') || field(body, 'stream') === true) return null;
      return bad(
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        'stream_options',
      );
    },
  },
];

const OPENAI_MODEL = /^(?:gpt-[3-9]|o\d|chatgpt-)/;

// The first generation of reasoning models took stop strings (recorded for o3-mini).
function takesStop(model: string): boolean {
  return /^o1|^o3-mini/.test(model);
}

/** Top-level fields of CreateChatCompletionRequest in OpenAI's specification of 21 August 2026. */
const KNOWN_FIELDS = new Set(
  (
    'audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages metadata ' +
    'modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options ' +
    'prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream ' +
    'stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options'
  ).split(' '),
);

const REASONING_REFUSES: readonly (readonly [name: string, usual: number | boolean | null])[] = [
  ['top_p', 1],
  ['presence_penalty', 0],
  ['frequency_penalty', 0],
  ['logprobs', false],
  ['top_logprobs', null],
  ['logit_bias', null],
  ['stop', null],
];

const RANGES: readonly (readonly [name: string, low: number, high: number])[] = [
  ['temperature', 0, 2],
  ['top_p', 0, 1],
  ['presence_penalty', -2, 2],
  ['frequency_penalty', -2, 2],
];

function rangeFault(body: JsonObject): Refusal | null {
  for (const [name, low, high] of RANGES) {
    const value = asNumber(field(body, name));
    if (value === undefined || (value >= low && value <= high)) continue;
    const [side, sign, bound] = value < low ? ['below minimum', '>=', low] : ['above maximum', '<=', high];
    const message = `Invalid '${name}': decimal ${side} value. Expected a value ${sign} ${bound}, but got ${value} instead.`;
    return {
      ...bad(message, name),
      code: `decimal_${side === 'below minimum' ? 'below_min' : 'above_max'}_value`,
    };
  }
  return null;
}

function limitFault(body: JsonObject): Refusal | null {
  for (const name of ['max_completion_tokens', 'max_tokens']) {
    const value = asNumber(field(body, name));
    if (value === undefined || value >= 1) continue;
    const message = `Invalid '${name}': integer below minimum value. Expected a value >= 1, but got ${value} instead.`;
    return { ...bad(message, name), code: 'integer_below_min_value' };
  }
  return null;
}

function unsupported(name: string, hint = ''): Refusal {
  const message = `Unsupported parameter: '${name}' is not supported with this model.${hint}`;
  return { ...bad(message, name), code: 'unsupported_parameter' };
}

function bad(message: string, param?: string): Refusal {
  return { status: 400, message, ...(param === undefined ? {} : { param }) };
}
