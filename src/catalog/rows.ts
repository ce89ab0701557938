import { assert } from '../base/assert.ts';
import {
  asArray,
  asBoolean,
  asNumber,
  asString,
  field,
  type Json,
  type JsonObject,
  isObject,
} from '../base/json.ts';
import { type Effort, EFFORTS } from '../spec/generate.ts';
import { type Capabilities, type ReasoningCapability, UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { USAGE_CLASSES, type UsageClass } from '../spec/usage.ts';
import { type Model, MODEL_KINDS, MODEL_STATUSES, PRICE_CHECKS } from './model.ts';
import { type Price, type Rates, replaceRates } from './price.ts';

/**
 * The models of a provider's `models.json`. Facts that a row does not state are unknown and read as in
 * `UNKNOWN_CAPABILITIES`. The files are generated (scripts/import-prices.ts), so a malformed one is our own fault.
 */
export function readModels(file: Json, provider: string): readonly Model[] {
  return asArray(field(file, 'models')).map((row) => readModel(row, provider));
}

function readModel(row: Json, provider: string): Model {
  const id = asString(field(row, 'id'));
  assert(id !== undefined && isObject(row), `a row of the model catalogue of ${provider} has no id`);
  return {
    id,
    provider,
    name: asString(row['name']) ?? id,
    kind: wordOf(MODEL_KINDS, row['kind']) ?? 'chat',
    capabilities: readCapabilities(row),
    price: readPrice(row['price'], id),
    check: wordOf(PRICE_CHECKS, row['check']) ?? 'unchecked',
    status: wordOf(MODEL_STATUSES, row['status']) ?? 'current',
  };
}

function readCapabilities(row: JsonObject): Capabilities {
  const unknown = UNKNOWN_CAPABILITIES;
  const midConversationSystem = asBoolean(row['midConversationSystem']);
  return {
    contextTokensMax: asNumber(row['contextTokensMax']) ?? null,
    outputTokensMax: asNumber(row['outputTokensMax']) ?? null,
    ...readInputs(row['input']),
    tools: asBoolean(row['tools']) ?? unknown.tools,
    structuredOutput: asBoolean(row['structuredOutput']) ?? unknown.structuredOutput,
    reasoning: readReasoning(row['reasoning']),
    sampling: wordOf(['free', 'one-of', 'none'], row['sampling']) ?? unknown.sampling,
    prefill: asBoolean(row['prefill']) ?? unknown.prefill,
    ...(midConversationSystem === undefined ? {} : { midConversationSystem }),
  };
}

type Inputs = Pick<Capabilities, 'image' | 'pdf' | 'audio' | 'video'>;

function readInputs(value: Json | undefined): Inputs {
  if (value === undefined) {
    const { image, pdf, audio, video } = UNKNOWN_CAPABILITIES;
    return { image, pdf, audio, video };
  }
  const known = asArray(value);
  return {
    image: known.includes('image'),
    pdf: known.includes('pdf'),
    audio: known.includes('audio'),
    video: known.includes('video'),
  };
}

function readReasoning(value: Json | undefined): ReasoningCapability {
  const efforts = effortsOf(value);
  const type = asString(field(value, 'type'));
  switch (type) {
    case undefined:
      return UNKNOWN_CAPABILITIES.reasoning;
    case 'none':
    case 'fixed':
      return { type };
    case 'effort':
    case 'adaptive':
      return { type, efforts };
    case 'budget':
      return {
        type,
        minTokens: asNumber(field(value, 'minTokens')) ?? 0,
        maxTokens: asNumber(field(value, 'maxTokens')) ?? null,
      };
    default:
      assert(false, `the model catalogue names a reasoning capability that nobody knows: ${type}`);
  }
}

function effortsOf(value: Json | undefined): readonly Effort[] {
  const given = asArray(field(value, 'efforts'));
  return EFFORTS.filter((effort) => given.includes(effort));
}

function readPrice(value: Json | undefined, id: string): Price | null {
  if (!isObject(value)) return null;
  const validFrom = asString(value['validFrom']);
  assert(validFrom !== undefined, `the price of ${id} in the model catalogue has no date`);
  const rates = readRates(value);
  const tiers = asArray(value['tiers']).map((tier) => ({
    aboveInputTokens: asNumber(field(tier, 'aboveInputTokens')) ?? Infinity,
    rates: replaceRates(rates, readRates(tier)),
  }));
  return { rates, tiers: tiers.toSorted((a, b) => a.aboveInputTokens - b.aboveInputTokens), validFrom };
}

function readRates(value: Json): Rates {
  const rates: { [name in UsageClass]?: number } = {};
  for (const name of USAGE_CLASSES) {
    const rate = asNumber(field(value, name));
    if (rate !== undefined) rates[name] = rate;
  }
  return rates;
}

function wordOf<Word extends string>(words: readonly Word[], value: Json | undefined): Word | undefined {
  return words.find((word) => word === value);
}
