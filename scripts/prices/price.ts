import { compact, type JsonObject } from '../../src/base/json.ts';
import { rateFromUsdPerMillion } from '../../src/catalog/price.ts';
import { ANTHROPIC_MESSAGES } from '../../src/protocols/anthropic-messages/id.ts';
import type { ProviderDefinition } from '../../src/spec/provider.ts';
import type { UsageClass } from '../../src/spec/usage.ts';
import type { SourceCosts, SourceRow } from './catalogue.ts';

/** The price of a row in the fields of `models.json`; undefined where it has none. */
export function priceFields(source: SourceRow, definition: ProviderDefinition): JsonObject | undefined {
  const { cost } = source;
  if (cost === undefined || (cost.input === undefined && cost.output === undefined)) return undefined;
  // The lists hold the tier beyond 200,000 tokens twice: as `context_over_200k` and, exactly, among the tiers.
  const tiers = (cost.tiers ?? [])
    .toSorted((a, b) => a.tier.size - b.tier.size)
    .map((tier) => ({ aboveInputTokens: tier.tier.size, ...rateFields(tier, definition) }));
  return compact({
    validFrom: dateOf(source),
    ...rateFields(cost, definition),
    tiers: tiers.length === 0 ? undefined : tiers,
  });
}

/** How the price compares with the second, independent list. */
export function checkOf(source: SourceRow): 'agrees' | 'differs' | undefined {
  const verdicts = Object.values(source.check ?? {});
  if (verdicts.length === 0) return undefined;
  return verdicts.every((verdict) => verdict === 'agrees') ? 'agrees' : 'differs';
}

function rateFields(costs: SourceCosts, definition: ProviderDefinition): JsonObject {
  const usd: { [name in UsageClass]?: number | undefined } = {
    input: costs.input,
    inputAudio: costs.input_audio,
    cacheRead: cacheRead(costs),
    cacheWrite5m: costs.cache_write,
    cacheWrite1h: cacheWrite1h(costs, definition),
    output: costs.output,
    outputAudio: costs.output_audio,
    reasoning: costs.reasoning === costs.output ? undefined : costs.reasoning,
  };
  const rates: { [name: string]: number } = {};
  for (const [name, dollars] of Object.entries(usd)) {
    if (dollars === undefined) continue;
    const rate = rateFromUsdPerMillion(dollars);
    if (rate === null)
      throw new Error(`${dollars} USD per million tokens is no whole number of picodollars.`);
    rates[name] = rate;
  }
  return rates;
}

// A cache read that is free while input is not: in the lists this stands for "no such price", so it stays unknown.
function cacheRead(costs: SourceCosts): number | undefined {
  const price = costs.cache_read ?? costs.cached_input;
  return price === 0 && costs.input !== 0 ? undefined : price;
}

// Anthropic: writing for an hour costs twice the input price (platform.claude.com, prompt caching); few rows state it.
function cacheWrite1h(costs: SourceCosts, definition: ProviderDefinition): number | undefined {
  if (costs.cache_write_1h !== undefined) return costs.cache_write_1h;
  const known = definition.protocol === ANTHROPIC_MESSAGES && costs.cache_write !== undefined;
  return known && costs.input !== undefined ? costs.input * 2 : undefined;
}

/** The date of the newest list that confirms a row: `updated from models.dev via ruby_llm 2026-08-19`. */
function dateOf(source: SourceRow): string {
  const date = /\d{4}-\d{2}-\d{2}/.exec(source.src.at(-1) ?? '')?.[0];
  if (date === undefined) throw new Error(`No date in the source "${source.src.at(-1)}".`);
  return date;
}
