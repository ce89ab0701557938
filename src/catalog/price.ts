import type { UsageClass } from '../spec/usage.ts';

/**
 * Integer picodollars per token (per search for `webSearches`), which is the same number as micro-dollars per million:
 * 0.0375 USD per million tokens is 37,500. A class that is missing has no known price, which is not the same as 0.
 */
export type Rates = { readonly [name in UsageClass]?: number };

/** What a model costs at a provider. */
export interface Price {
  readonly rates: Rates;
  /** Rates for long prompts, by rising threshold. */
  readonly tiers: readonly PriceTier[];
  /** Date of the list that this price comes from, `2026-07-02`; the price was true then. */
  readonly validFrom: string;
}

/** The rates of the whole request (not only of the tokens beyond) once its input has more tokens than this. */
export interface PriceTier {
  readonly aboveInputTokens: number;
  readonly rates: Rates;
}

/** The rates for a request with so many input tokens, cached ones included; unknown counts as short. */
export function ratesFor(price: Price, inputTokens: number | null): Rates {
  let rates = price.rates;
  for (const tier of price.tiers) {
    if ((inputTokens ?? 0) > tier.aboveInputTokens) rates = tier.rates;
  }
  return rates;
}

/** The rate of one class; reasoning costs what output costs unless it has a price of its own. Null where unknown. */
export function rateOf(rates: Rates, name: UsageClass): number | null {
  return rates[name] ?? (name === 'reasoning' ? rates.output : undefined) ?? null;
}

/** Rates in which some are replaced: a new output price also replaces a reasoning price that is not given anew. */
export function replaceRates(rates: Rates, replacement: Rates): Rates {
  if (replacement.output === undefined || replacement.reasoning !== undefined) {
    return { ...rates, ...replacement };
  }
  const { reasoning: _, ...others } = rates;
  return { ...others, ...replacement };
}

/**
 * The rate that a price in USD per million tokens means. Such a price with up to six decimals, as JSON and YAML give it,
 * is a float next to the decimal that was written; the nearest integer undoes that exactly. Null where it is no rate.
 */
export function rateFromUsdPerMillion(usd: number): number | null {
  const rate = Math.round(usd * MICROS);
  const exact = Math.abs(usd * MICROS - rate) < 1e-3;
  return exact && rate >= 0 && rate <= RATE_MAX ? rate : null;
}

const MICROS = 1_000_000;
// A million dollars per million tokens: more is a mistake.
const RATE_MAX = 1_000_000_000_000;
