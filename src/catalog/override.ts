import { assert } from '../base/assert.ts';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { USAGE_CLASSES, type UsageClass } from '../spec/usage.ts';
import type { Model } from './model.ts';
import { rateFromUsdPerMillion, type Price, type Rates } from './price.ts';

/** What the operator says about one model, in the words of the configuration; it beats the catalogue. */
export interface ModelOverride {
  /** In USD per million tokens: one number for every token, or one per class. */
  readonly cost_per_1m_tokens?: number | ClassPrices | undefined;
  readonly context_tokens_max?: number | undefined;
  readonly output_tokens_max?: number | undefined;
  readonly image?: boolean | undefined;
  readonly pdf?: boolean | undefined;
  readonly tools?: boolean | undefined;
  readonly structured_output?: boolean | undefined;
}

export interface ClassPrices {
  readonly input: number;
  readonly output: number;
  readonly cache_read?: number | undefined;
  readonly cache_write?: number | undefined;
  readonly cache_write_1h?: number | undefined;
  readonly reasoning?: number | undefined;
  readonly input_audio?: number | undefined;
  readonly output_audio?: number | undefined;
}

/** A model of which nothing is known but its name: everything is tried, nothing is limited, and it has no price. */
export function unknownModel(provider: string, id: string): Model {
  return {
    id,
    provider,
    name: id,
    kind: 'chat',
    capabilities: UNKNOWN_CAPABILITIES,
    price: null,
    check: 'unchecked',
    status: 'current',
  };
}

/** The model with the operator's word on top. `date` is the day from which a price of the operator holds. */
export function overrideModel(model: Model, override: ModelOverride, date: string): Model {
  const { capabilities } = model;
  const price = override.cost_per_1m_tokens;
  return {
    ...model,
    ...(price === undefined ? {} : { price: priceOf(price, date), check: 'operator' }),
    capabilities: {
      ...capabilities,
      contextTokensMax: override.context_tokens_max ?? capabilities.contextTokensMax,
      outputTokensMax: override.output_tokens_max ?? capabilities.outputTokensMax,
      image: override.image ?? capabilities.image,
      pdf: override.pdf ?? capabilities.pdf,
      tools: override.tools ?? capabilities.tools,
      structuredOutput: override.structured_output ?? capabilities.structuredOutput,
    },
  };
}

/**
 * An operator's price is whole: it has no tiers, and a class that it does not name costs what the tokens would cost in
 * the class that they belong to. Only searches stay unpriced, because they are no tokens.
 */
function priceOf(price: number | ClassPrices, validFrom: string): Price {
  const given = typeof price === 'number' ? { input: price, output: price } : price;
  const usd: Record<Exclude<UsageClass, 'webSearches'>, number> = {
    input: given.input,
    inputAudio: given.input_audio ?? given.input,
    cacheRead: given.cache_read ?? given.input,
    cacheWrite5m: given.cache_write ?? given.input,
    cacheWrite1h: given.cache_write_1h ?? given.cache_write ?? given.input,
    output: given.output,
    outputAudio: given.output_audio ?? given.output,
    reasoning: given.reasoning ?? given.output,
  };
  const rates: { [name in UsageClass]?: number } = {};
  for (const name of USAGE_CLASSES) {
    if (name !== 'webSearches') rates[name] = rateOfUsd(usd[name]);
  }
  const checked: Rates = rates;
  return { rates: checked, tiers: [], validFrom };
}

function rateOfUsd(usd: number): number {
  const rate = rateFromUsdPerMillion(usd);
  assert(
    rate !== null,
    `${usd} is no price in USD per million tokens; the configuration should have refused it`,
  );
  return rate;
}
