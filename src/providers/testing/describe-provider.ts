import { describe, expect, it } from 'vitest';
import { findModel, indexModels } from '../../catalog/lookup.ts';
import type { Model } from '../../catalog/model.ts';
import { PRESET_MODELS } from '../../catalog/presets.ts';
import type { Price, Rates } from '../../catalog/price.ts';
import { readModels } from '../../catalog/rows.ts';
import { ANTHROPIC_MESSAGES } from '../../protocols/anthropic-messages/id.ts';
import { GEMINI } from '../../protocols/gemini/id.ts';
import { OPENAI_CHAT } from '../../protocols/openai-chat/id.ts';
import type { ReasoningCapability } from '../../spec/model.ts';
import type { ProviderDefinition } from '../../spec/provider.ts';

/** The suite that every provider's definition passes: its address, credentials, quirks, models and prices make sense. */
export function describeProvider(definition: ProviderDefinition): void {
  describe(`the ${definition.kind} provider`, () => {
    describeAccess(definition);
    describeQuirks(definition);
    if (definition.models !== undefined) describe('in its catalogue', () => describeModels(definition));
  });
}

function describeAccess(definition: ProviderDefinition): void {
  it('has a kind that can stand in a configuration, a name and a known wire', () => {
    expect(definition.kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(definition.name).not.toBe('');
    expect([OPENAI_CHAT, ANTHROPIC_MESSAGES, GEMINI]).toContain(definition.protocol);
  });

  it('is reached over TLS, unless it runs on this machine or in this process', () => {
    const address = definition.baseUrl ?? 'https://given-by-the-operator';
    const url = new URL(address);
    const local = url.protocol === 'simulated:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
    expect((local && definition.keyless) || url.protocol === 'https:').toBe(true);
    expect(address).not.toMatch(/\/$/);
    expect(url.search + url.username + url.password).toBe('');
  });

  it('finds its key in the environment where it has an address and needs one', () => {
    const findable = definition.baseUrl !== null && !definition.keyless;
    expect(definition.environment.length > 0).toBe(findable);
    expect(new Set(definition.environment).size).toBe(definition.environment.length);
    for (const name of definition.environment) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
  });

  it('authenticates, and writes header names in lower case', () => {
    expect(definition.auth.type !== 'none' || definition.keyless).toBe(true);
    const names = definition.headers.map(([name]) => name);
    if (definition.auth.type === 'header') names.push(definition.auth.name);
    for (const name of names) expect(name).toBe(name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });
}

function describeQuirks(definition: ProviderDefinition): void {
  it('refuses no field that every request needs, and none that it wants itself', () => {
    const { quirks } = definition;
    const needed = ['model', 'messages', 'contents', 'stream', 'tools', quirks.maxTokensField];
    for (const field of quirks.refusedFields) {
      expect(field).toMatch(/^[a-z][a-z_]*$/);
      expect(needed).not.toContain(field);
    }
    expect(new Set(quirks.refusedFields).size).toBe(quirks.refusedFields.length);
    expect(quirks.streamUsage === 'unasked' || !quirks.refusedFields.includes('stream_options')).toBe(true);
  });

  it('has names for preset models only', () => {
    const presets = PRESET_MODELS.map((model) => model.name);
    for (const name of Object.keys(definition.presets ?? {})) expect(presets).toContain(name);
  });

  it('has rows in the catalogue exactly where it says so', () => {
    expect(definition.models !== undefined).toBe(definition.catalog !== null);
  });
}

function describeModels(definition: ProviderDefinition): void {
  it('has models with one id each', async () => {
    const models = await load(definition);
    expect(models.length).toBeGreaterThan(0);
    expect(new Set(models.map((model) => model.id)).size).toBe(models.length);
  });

  it('has prices that are whole, dated and not lower for long prompts', async () => {
    const priced = (await load(definition)).flatMap(({ id, price }) =>
      price === null ? [] : [{ id, price }],
    );
    expect(priced.length).toBeGreaterThan(0);
    for (const { id, price } of priced) expect(priceFaults(price), id).toEqual([]);
  });

  it('has abilities that hang together', async () => {
    for (const model of await load(definition)) expect(abilityFaults(model), model.id).toEqual([]);
  });

  it('knows the price of every preset model under its own name', async () => {
    const index = indexModels(await load(definition));
    for (const upstream of Object.values(definition.presets ?? {})) {
      const model = findModel(index, upstream);
      expect(model?.id).toBe(upstream);
      expect(model?.price?.rates.input).toBeGreaterThan(0);
      expect(model?.status).toBe('current');
    }
  });
}

async function load(definition: ProviderDefinition): Promise<readonly Model[]> {
  return readModels((await definition.models?.()) ?? null, definition.kind);
}

function priceFaults(price: Price): string[] {
  const faults = [price.rates, ...price.tiers.map((tier) => tier.rates)].flatMap(rateFaults);
  if (!/^20\d{2}-[01]\d-[0-3]\d$/.test(price.validFrom)) faults.push(`the date ${price.validFrom}`);
  let threshold = 0;
  for (const tier of price.tiers) {
    if (tier.aboveInputTokens <= threshold) faults.push(`a tier above ${tier.aboveInputTokens} out of order`);
    if ((tier.rates.input ?? 0) < (price.rates.input ?? 0)) faults.push('a tier cheaper than short prompts');
    threshold = tier.aboveInputTokens;
  }
  return faults;
}

function rateFaults(rates: Rates): string[] {
  const faults = Object.entries(rates)
    .filter(([, rate]) => !Number.isSafeInteger(rate) || rate < 0)
    .map(([name, rate]) => `${name} at ${rate}`);
  if (rates.input === undefined || rates.output === undefined) faults.push('no price of input or output');
  if ((rates.cacheRead ?? 0) > (rates.input ?? 0)) faults.push('cached input dearer than fresh input');
  return faults;
}

function abilityFaults({ capabilities }: Model): string[] {
  const limits = [capabilities.contextTokensMax, capabilities.outputTokensMax];
  const faults = limits.filter((limit) => limit !== null && limit < 1).map((limit) => `a limit of ${limit}`);
  return [...faults, ...reasoningFaults(capabilities.reasoning)];
}

function reasoningFaults(reasoning: ReasoningCapability): string[] {
  switch (reasoning.type) {
    case 'none':
    case 'fixed':
      return [];
    case 'effort':
    case 'adaptive':
      return reasoning.efforts.length === 0 ? ['an effort without values'] : [];
    case 'budget':
      return reasoning.minTokens > (reasoning.maxTokens ?? Infinity) ? ['a budget without a value'] : [];
  }
}
