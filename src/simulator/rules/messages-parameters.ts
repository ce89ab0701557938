import { asArray, asNumber, asString, field, type Json } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import { isGiven, objectsAt } from './reading.ts';
import type { Rule } from './rule.ts';

/** Rules about single parameters of the Messages wire. Wording as recorded or reported where such a source exists. */
export const MESSAGES_PARAMETER_RULES: readonly Rule[] = [
  {
    name: 'fields are known',
    check: ({ body }) => {
      const unknown = Object.keys(body).find((key) => !KNOWN_FIELDS.has(key));
      return unknown === undefined ? null : bad(`${unknown}: Extra inputs are not permitted`);
    },
  },
  {
    name: 'max_tokens is there and at least 1',
    check: ({ body }) => {
      const limit = asNumber(field(body, 'max_tokens'));
      if (limit === undefined) return bad('max_tokens: Field required');
      return limit >= 1 ? null : bad('max_tokens: Input should be greater than or equal to 1');
    },
  },
  {
    name: 'sampling fields are in range and allowed by the model',
    check: ({ body, traits }) => {
      const temperature = asNumber(field(body, 'temperature'));
      if (temperature !== undefined && (temperature < 0 || temperature > 1)) {
        const [word, bound] = temperature < 0 ? ['greater', 0] : ['less', 1];
        return bad(`temperature: Input should be ${word} than or equal to ${bound}`);
      }
      return traits.sampling === 'none'
        ? newestSampling(body)
        : traits.sampling === 'one-of'
          ? oneOf(body)
          : null;
    },
  },
  {
    name: 'stop sequences are not blank',
    check: ({ body }) => {
      const blank = asArray(field(body, 'stop_sequences')).some((text) => asString(text)?.trim() === '');
      return blank ? bad('stop_sequences: each stop sequence must contain non-whitespace') : null;
    },
  },
  {
    name: 'effort is one that the model knows',
    check: ({ body, model }) => {
      const effort = asString(field(field(body, 'output_config'), 'effort'));
      if (effort === undefined || effort !== 'xhigh' || !/4[-.]6/.test(model)) return null;
      return bad(
        "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.",
      );
    },
  },
  {
    name: 'tools have distinct names of at most 128 characters and object schemas',
    check: ({ body }) => toolFault(body),
  },
  {
    name: 'a tool choice comes with tools',
    check: ({ body }) => {
      if (!isGiven(body, 'tool_choice') || asArray(field(body, 'tools')).length > 0) return null;
      return bad('tool_choice: Tool choice may only be specified while providing tools.');
    },
  },
  {
    name: 'structured output has closed object schemas',
    check: ({ body }) => {
      const schema = field(field(field(body, 'output_config'), 'format'), 'schema');
      return isOpenObject(schema)
        ? bad(
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
          )
        : null;
    },
  },
];

/** Fields of the request in both API versions and their betas (SDK 1.12.0, specification of July 2026). */
const KNOWN_FIELDS = new Set(
  (
    'cache_control container context_management diagnostics fallback_credit_token fallbacks inference_geo max_tokens ' +
    'mcp_servers messages metadata model output_config output_format service_tier speed stop_sequences stream system ' +
    'temperature thinking tool_choice tools top_k top_p user_profile_id workspace_id'
  ).split(' '),
);

// Models after Opus 4.6 keep only values that change nothing.
function newestSampling(body: Json): Refusal | null {
  const temperature = asNumber(field(body, 'temperature'));
  if (temperature !== undefined && temperature !== 1)
    return bad('`temperature` is deprecated for this model.');
  if (asNumber(field(body, 'top_k')) !== undefined) return bad('`top_k` is deprecated for this model.');
  const topP = asNumber(field(body, 'top_p'));
  return topP !== undefined && topP < 0.99 ? bad('`top_p` is deprecated for this model.') : null;
}

function oneOf(body: Json): Refusal | null {
  const both =
    asNumber(field(body, 'temperature')) !== undefined && asNumber(field(body, 'top_p')) !== undefined;
  return both
    ? bad('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
    : null;
}

function toolFault(body: Json): Refusal | null {
  const names = new Set<string>();
  for (const { index, value } of objectsAt(body, 'tools')) {
    const type = asString(value['type']);
    const name = asString(value['name']);
    if (name !== undefined && names.has(name)) return bad('tools: Tool names must be unique.');
    if (name !== undefined) names.add(name);
    if (type !== undefined && type !== 'custom') continue;
    const place = `tools.${index}.custom`;
    if (name === undefined) return bad(`${place}.name: Field required`);
    if (name.length > 128) return bad(`${place}.name: String should have at most 128 characters`);
    if (!/^[a-zA-Z0-9_-]+$/.test(name)) {
      return bad(`${place}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    }
    if (field(value['input_schema'], 'type') !== 'object')
      return bad(`${place}.input_schema.type: Field required`);
  }
  return null;
}

function isOpenObject(schema: Json | undefined): boolean {
  if (field(schema, 'type') === 'object' && field(schema, 'additionalProperties') !== false) return true;
  const properties = field(schema, 'properties');
  const children = typeof properties === 'object' && properties !== null ? Object.values(properties) : [];
  return [...children, field(schema, 'items')].some((child) => child !== undefined && isOpenObject(child));
}

function bad(message: string): Refusal {
  return { status: 400, message };
}
