import type { ProviderDefinition } from '../spec/provider.ts';
import { findModel, indexModels, type ModelIndex } from './lookup.ts';
import type { Model } from './model.ts';
import { type ModelOverride, overrideModel, unknownModel } from './override.ts';
import { readModels } from './rows.ts';

/** Loads and indexes the models of a kind of provider; empty where the catalogue has none of it. */
export async function loadModels(
  definition: Pick<ProviderDefinition, 'kind' | 'models'>,
): Promise<ModelIndex> {
  const file = (await definition.models?.()) ?? null;
  return indexModels(readModels(file, definition.kind));
}

/** What the operator says about a model, and from which day a price of his holds. */
export interface OperatorWord {
  readonly override: ModelOverride;
  readonly date: string;
}

/** Everything known about a model that a provider is asked for: the catalogue's facts, and the operator's word on top. */
export function resolveModel(
  index: ModelIndex,
  provider: string,
  name: string,
  operator: OperatorWord | null,
): Model {
  const known = findModel(index, name) ?? unknownModel(provider, name);
  const model = { ...known, id: name };
  return operator === null ? model : overrideModel(model, operator.override, operator.date);
}
