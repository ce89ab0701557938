import type { Config, ModelConfig, RouteConfig } from '../config/config.ts';
import { rateOf } from '../catalog/price.ts';
import type { Snapshot } from '../gateway/snapshot.ts';
import { targetsOf } from '../routing/route.ts';
import type { Target } from '../routing/target.ts';

/** What a configuration means: every public name with where it leads, and what deserves a look. */
export interface Inspection {
  readonly providers: readonly InspectedProvider[];
  readonly names: readonly InspectedName[];
  /** Nothing here is wrong; each may surprise. */
  readonly warnings: readonly string[];
}

export interface InspectedProvider {
  readonly name: string;
  readonly kind: string;
  readonly baseUrl: string;
  /** References to its keys, never the keys. */
  readonly keys: readonly string[];
  readonly simulated: boolean;
}

export interface InspectedName {
  readonly name: string;
  readonly kind: 'model' | 'route';
  readonly strategy: string;
  /** A model's stand-ins, or a route's tiers, as configured. */
  readonly leadsTo: readonly string[];
  /** In the order in which they are written: own targets, then those of the stand-ins. */
  readonly targets: readonly InspectedTarget[];
}

export interface InspectedTarget {
  readonly address: string;
  /** Public model whose target this is; another than asked for where it stands in. */
  readonly servedModel: string;
  readonly contextTokensMax: number | null;
  readonly outputTokensMax: number | null;
  /** Picodollars per token, which are micro-dollars per million; null where unknown. */
  readonly inputRate: number | null;
  readonly outputRate: number | null;
  /** Day of the price list; null where no price is known. */
  readonly pricedOn: string | null;
  readonly known: boolean;
  readonly simulated: boolean;
}

/** Tells what the configuration of a snapshot means. Pure. */
export function inspect({ config, names, facts }: Snapshot): Inspection {
  const inspected = (target: Target): InspectedTarget => {
    const provider = config.providers.get(target.provider);
    return {
      ...inspectTarget(target),
      known: provider !== undefined && facts(provider, target.model).known,
      simulated: provider !== undefined && provider.simulate !== null,
    };
  };
  const all = [...config.models.values(), ...config.routes.values()].map((each) => {
    const named = names.get(each.name);
    const targets = named === undefined ? [] : withoutRepeats(targetsOf(named.route));
    return { ...describeName(each), targets: targets.map(inspected) };
  });
  return { providers: providersOf(config), names: all, warnings: warningsOf(config, all) };
}

/** The facts of one target that a person compares it by. */
export function inspectTarget(target: Target): Omit<InspectedTarget, 'known' | 'simulated'> {
  const { address, servedModel, capabilities, price } = target;
  return {
    address,
    servedModel,
    contextTokensMax: capabilities.contextTokensMax,
    outputTokensMax: capabilities.outputTokensMax,
    inputRate: price === null ? null : rateOf(price.rates, 'input'),
    outputRate: price === null ? null : rateOf(price.rates, 'output'),
    pricedOn: price?.validFrom ?? null,
  };
}

function describeName(named: ModelConfig | RouteConfig): Omit<InspectedName, 'targets'> {
  const { name, strategy } = named;
  return 'tiers' in named
    ? { name, kind: 'route', strategy, leadsTo: named.tiers }
    : { name, kind: 'model', strategy, leadsTo: named.fallbacks };
}

function providersOf({ providers }: Config): readonly InspectedProvider[] {
  return [...providers.values()].map(({ name, definition, baseUrl, keys, simulate }) => ({
    name,
    kind: definition.kind,
    baseUrl,
    keys,
    simulated: simulate !== null,
  }));
}

function withoutRepeats(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [target.address, target])).values()];
}

function warningsOf(config: Config, names: readonly InspectedName[]): readonly string[] {
  const models = names.filter(({ kind }) => kind === 'model');
  const targets = [
    ...new Map(models.flatMap((each) => each.targets.map((one) => [one.address, one]))).values(),
  ];
  const used = new Set(targets.map(({ address }) => address.slice(0, address.indexOf('/'))));
  return [
    ...(config.providers.size === 0 ? ['No provider is configured, so nothing can be answered.'] : []),
    ...(names.length === 0 && config.providers.size > 0
      ? ['No model is configured; clients can only address provider/model directly, with keys that may.']
      : []),
    ...targets.flatMap(targetWarning),
    ...models.flatMap(loneWarning),
    ...[...config.providers.keys()]
      .filter((name) => !used.has(name) && names.length > 0)
      .map((name) => `The provider ${name} is the target of no model.`),
  ];
}

function targetWarning({ address, known, pricedOn, servedModel }: InspectedTarget): readonly string[] {
  if (!known) {
    return [
      `${address} (of ${servedModel}) is not in the catalogue: check its spelling; limits and price are unknown. ` +
        'Say them under providers.NAME.models.',
    ];
  }
  if (pricedOn === null)
    return [`${address} (of ${servedModel}) has no known price: its cost cannot be counted.`];
  return [];
}

// One target alone has nowhere to fail over to, which is what a gateway is for.
function loneWarning({ name, targets }: InspectedName): readonly string[] {
  if (targets.length !== 1) return [];
  return [
    `${name} has one target and no fallbacks: when ${targets[0]?.address ?? 'it'} is down, so is ${name}.`,
  ];
}
