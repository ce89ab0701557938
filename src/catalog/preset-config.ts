import { assert } from '../base/assert.ts';
import type { JsonObject } from '../base/json.ts';
import type { ProviderDefinition } from '../spec/provider.ts';
import { placePresets } from './presets.ts';

/** A configuration that was put together without a file, and whether its providers are real. */
export interface PresetConfig {
  /** The sections `providers`, `models` and `routes`. */
  readonly sections: JsonObject;
  readonly simulated: boolean;
}

/**
 * The configuration of somebody who wrote none: a provider for every key that the environment holds, with the preset models
 * over them. Without any key, simulated providers stand in under the same names.
 */
export function presetConfig(
  definitions: readonly ProviderDefinition[],
  hasSecret: (reference: string) => boolean,
): PresetConfig {
  const keyed = definitions.flatMap((definition) => {
    const reference = definition.environment.map((name) => `env:${name}`).find(hasSecret);
    return reference === undefined || definition.baseUrl === null ? [] : [{ definition, key: reference }];
  });
  const simulated = keyed.length === 0;
  const chosen = simulated ? standIns(definitions) : keyed;
  const providers: { [name: string]: JsonObject } = {};
  for (const { definition, key } of chosen) {
    providers[definition.kind] =
      key === null ? imitate(definition, definitions) : { kind: definition.kind, key };
  }
  return { simulated, sections: { providers, ...presetNames(chosen) } };
}

interface Chosen {
  readonly definition: ProviderDefinition;
  /** Null for a simulated one. */
  readonly key: string | null;
}

// First parties that serve a preset model are what a newcomer has heard of.
function standIns(definitions: readonly ProviderDefinition[]): readonly Chosen[] {
  const served = new Set<string>();
  return definitions.flatMap((definition) => {
    const fresh = Object.keys(definition.presets ?? {}).filter((name) => !served.has(name));
    for (const name of fresh) served.add(name);
    return fresh.length === 0 ? [] : [{ definition, key: null }];
  });
}

function imitate({ kind }: ProviderDefinition, definitions: readonly ProviderDefinition[]): JsonObject {
  const simulated = definitions.find(({ baseUrl }) => baseUrl?.startsWith('simulated:'));
  assert(simulated !== undefined, 'there is a kind of provider that is simulated');
  return { kind: simulated.kind, simulate: { like: kind } };
}

function presetNames(chosen: readonly Chosen[]): JsonObject {
  const placed = placePresets(chosen.map(({ definition }) => ({ name: definition.kind, definition })));
  const models: { [name: string]: JsonObject } = {};
  for (const { name, targets, fallbacks } of placed.models) models[name] = { targets, fallbacks };
  const { route } = placed;
  if (route === null) return { models };
  return { models, routes: { [route.name]: { strategy: route.strategy, tiers: route.tiers } } };
}
