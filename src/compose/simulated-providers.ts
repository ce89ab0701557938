import type { Config, ProviderConfig } from '../config/config.ts';
import type { SimulatedSettings } from '../config/sections/providers.ts';
import type { Fault } from '../simulator/faults/fault.ts';
import { faultNamed } from '../simulator/faults/names.ts';
import { DEFAULT_PACE, type Pace, type ProviderSettings } from '../simulator/settings.ts';

/** What the simulator has to know about each `kind: simulated` provider of a configuration. */
export function simulatedProviders(config: Config): { readonly [name: string]: Partial<ProviderSettings> } {
  const settings: { [name: string]: Partial<ProviderSettings> } = {};
  for (const provider of config.providers.values()) {
    if (provider.simulate !== null)
      settings[provider.name] = settingsFor(provider, provider.simulate, config);
  }
  return settings;
}

function settingsFor(
  provider: ProviderConfig,
  simulate: SimulatedSettings,
  config: Config,
): Partial<ProviderSettings> {
  return {
    models: modelsAskedOf(provider.name, config),
    pace: paceOf(simulate),
    fault: simulate.fault === undefined ? null : faultOf(simulate.fault),
  };
}

// Every model that the configuration sends to it exists there.
function modelsAskedOf(provider: string, config: Config): readonly string[] {
  return [...config.models.values()].flatMap(({ targets }) =>
    targets.filter((target) => target.provider === provider).map(({ model }) => model),
  );
}

function paceOf({
  first_token_ms: firstTokenMs,
  tokens_per_second: tokensPerSecond,
}: SimulatedSettings): Pace {
  return {
    ...DEFAULT_PACE,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
  };
}

function faultOf(name: string): Fault | null {
  const kind = faultNamed(name);
  return kind === null ? null : { kind };
}
