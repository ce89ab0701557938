import { presetConfig, type PresetConfig } from '../catalog/preset-config.ts';
import { PROVIDERS } from '../providers/index.ts';
import type { ProviderDefinition } from '../spec/provider.ts';

/** A provider that a first configuration may have. */
export interface StarterProvider {
  readonly kind: string;
  readonly name: string;
  /** Variable of the environment that holds its key, or that would. */
  readonly variable: string;
  /** Whether that variable is set. */
  readonly found: boolean;
}

/** Providers with an address and a key of their own, first parties first. */
export function starterProviders(hasSecret: (reference: string) => boolean): readonly StarterProvider[] {
  return PROVIDERS.filter(({ baseUrl, environment }) => baseUrl !== null && environment.length > 0).map(
    (definition) => {
      const found = definition.environment.find((name) => hasSecret(`env:${name}`));
      const [usual = ''] = definition.environment;
      return {
        kind: definition.kind,
        name: definition.name,
        variable: found ?? usual,
        found: found !== undefined,
      };
    },
  );
}

/** The sections of a first configuration over these kinds of providers; over simulated ones where there are none. */
export function starterConfig(
  kinds: readonly string[],
  hasSecret: (reference: string) => boolean,
): PresetConfig {
  const chosen = PROVIDERS.filter(({ kind }) => kinds.includes(kind));
  if (chosen.length === 0) return presetConfig(PROVIDERS, () => false);
  return presetConfig(chosen, (reference) => hasSecret(reference) || isUsual(reference, chosen, hasSecret));
}

// A provider whose key is not there yet gets the variable that it usually has.
function isUsual(
  reference: string,
  chosen: readonly ProviderDefinition[],
  hasSecret: (reference: string) => boolean,
): boolean {
  return chosen.some(
    ({ environment }) =>
      `env:${environment[0] ?? ''}` === reference && !environment.some((name) => hasSecret(`env:${name}`)),
  );
}
