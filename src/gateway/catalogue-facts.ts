import { findModel, indexModels, type ModelIndex } from '../catalog/lookup.ts';
import { overrideModel, unknownModel } from '../catalog/override.ts';
import { readModels } from '../catalog/rows.ts';
import type { Config, ProviderConfig } from '../config/config.ts';
import type { KnownModel, ModelFacts } from './snapshot.ts';

/** Loads the catalogue rows of the configured providers; afterwards every question about a model is answered from memory. */
export async function loadModelFacts(config: Config, today: string): Promise<ModelFacts> {
  const indices = new Map<string, ModelIndex>();
  const loading = [...config.providers.values()].map(async ({ name, definition }) => {
    if (definition.models === undefined) return;
    indices.set(name, indexModels(readModels(await definition.models(), definition.kind)));
  });
  await Promise.all(loading);
  return (provider, model) => factsOf(provider, model, indices.get(provider.name), today);
}

// oxlint-disable-next-line max-params -- a question, where to look and the day of an operator's price
function factsOf(
  provider: ProviderConfig,
  name: string,
  index: ModelIndex | undefined,
  today: string,
): KnownModel {
  const found = index === undefined ? null : findModel(index, name);
  const base = found ?? unknownModel(provider.definition.kind, name);
  const override = provider.models.get(name);
  const { capabilities, price } = override === undefined ? base : overrideModel(base, override, today);
  return { capabilities, price, known: found !== null || override !== undefined };
}
