import type { ProviderDefinition } from '../spec/provider.ts';

/** A public model that exists without a configuration file, over whatever providers are there. */
export interface PresetModel {
  readonly name: string;
  /** Public models that stand in when none of its targets can serve, in order. */
  readonly fallbacks: readonly string[];
}

/** The public models that are preset. Which provider serves them under which name, each provider's definition says. */
export const PRESET_MODELS: readonly PresetModel[] = [
  { name: 'gpt-4.1', fallbacks: ['claude-sonnet-4.5', 'gemini-2.5-flash'] },
  { name: 'claude-sonnet-4.5', fallbacks: ['gpt-4.1'] },
  { name: 'gemini-2.5-flash', fallbacks: ['deepseek-v3.2'] },
  { name: 'deepseek-v3.2', fallbacks: ['gemini-2.5-flash'] },
];

/** The route that is preset: its tiers from the cheap to the strong. */
export const PRESET_ROUTE = {
  name: 'auto',
  strategy: 'hybrid',
  tiers: ['deepseek-v3.2', 'gemini-2.5-flash', 'gpt-4.1', 'claude-sonnet-4.5'],
} as const;

/** A preset model with the addresses (`provider/upstream-model`) that serve it here. */
export interface PlacedPreset extends PresetModel {
  readonly targets: readonly string[];
}

/** Everything that is preset over some providers: models without a target are left out, also as fallbacks and tiers. */
export interface Presets {
  readonly models: readonly PlacedPreset[];
  /** Null where no model is left. */
  readonly route: {
    readonly name: string;
    readonly strategy: 'hybrid';
    readonly tiers: readonly string[];
  } | null;
}

/** Places the presets over the configured providers, whose order is the order of the targets. */
export function placePresets(
  providers: readonly { readonly name: string; readonly definition: Pick<ProviderDefinition, 'presets'> }[],
): Presets {
  const placed = PRESET_MODELS.map((model) => ({
    ...model,
    targets: providers.flatMap(({ name, definition }) => {
      const upstream = definition.presets?.[model.name];
      return upstream === undefined ? [] : [`${name}/${upstream}`];
    }),
  })).filter((model) => model.targets.length > 0);
  const names = new Set(placed.map((model) => model.name));
  const tiers = PRESET_ROUTE.tiers.filter((tier) => names.has(tier));
  return {
    models: placed.map((model) => ({
      ...model,
      fallbacks: model.fallbacks.filter((each) => names.has(each)),
    })),
    route: tiers.length === 0 ? null : { name: PRESET_ROUTE.name, strategy: PRESET_ROUTE.strategy, tiers },
  };
}
