import { BEFORE, type Options, type VariantName } from '../options.ts';
import type { Samples } from '../samples.ts';
import { beforeVariant, ensureGateway, gatewayVariant } from './gateway.ts';
import { nginxVariant } from './nginx.ts';
import { ensurePortkey, portkeyVariant } from './portkey.ts';
import type { Variant } from './variant.ts';

/** The chosen variants that can run here; for one that cannot the reason is noted with the figures. */
export async function availableVariants(
  { variants, build, against }: Options,
  samples: Samples,
): Promise<readonly Variant[]> {
  const found: Variant[] = [];
  for (const name of variants) {
    const problem = await ENSURE[name](build ? 'build' : 'as it is');
    if (problem === null) found.push(name === BEFORE ? beforeVariant(against ?? '') : MAKE[name]());
    else samples.note(`${name} was not measured: ${problem}`);
  }
  return found;
}

const MAKE: Readonly<Record<Exclude<VariantName, typeof BEFORE>, () => Variant>> = {
  nginx: nginxVariant,
  gateway: gatewayVariant,
  portkey: portkeyVariant,
};

const ENSURE: Readonly<Record<VariantName, (how: 'build' | 'as it is') => Promise<string | null>>> = {
  nginx: async () => null,
  gateway: ensureGateway,
  portkey: async () => ensurePortkey(),
  before: async () => null,
};
