import { PROVIDERS } from '../providers/index.ts';
import type { ProviderDefinition } from '../spec/provider.ts';

/** A kind of provider that can be configured, as far as people choose by it. */
export type ProviderKind = Pick<ProviderDefinition, 'kind' | 'name' | 'environment' | 'keyless' | 'baseUrl'>;

/** Every kind of provider, first parties first. */
export function providerKinds(): readonly ProviderKind[] {
  return PROVIDERS.map(({ kind, name, environment, keyless, baseUrl }) => ({
    kind,
    name,
    environment,
    keyless,
    baseUrl,
  }));
}
