import { didYouMean } from '../base/nearest.ts';
import type { Price } from '../catalog/price.ts';
import type {
  Config,
  ModelConfig,
  ModelFailover,
  ProviderConfig,
  RouteConfig,
  TargetConfig,
  Timeouts,
} from '../config/config.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { LEANS, leaned, targetsOf, type Lean, type Route } from '../routing/route.ts';
import { concernsOf, type Concerns } from '../routing/eligible.ts';
import { learnedWaits, timeoutsFor, type Target } from '../routing/target.ts';
import { GatewayError } from '../spec/error.ts';
import type { Capabilities } from '../spec/model.ts';
import type { ProviderDefinition } from '../spec/provider.ts';
import type { Headers } from '../spec/wire.ts';

/** A frozen view of configuration and catalogue. A request takes one and keeps it from start to end. */
export interface Snapshot {
  readonly config: Config;
  /** What every public model and route means. */
  readonly names: ReadonlyMap<string, NamedRoute>;
  readonly providers: ReadonlyMap<string, ProviderLink>;
  readonly facts: ModelFacts;
  readonly builtAtMs: number;
  /** Addresses of all configured targets; others come from callers and must not become metric labels. */
  readonly addresses: ReadonlySet<string>;
}

/** A public name and how it becomes targets. */
export interface NamedRoute {
  /** As asked for: `auto:economy`. */
  readonly name: string;
  /** As configured, without a lean: `auto`. Rights and metrics go by it. */
  readonly configuredName: string;
  readonly kind: 'model' | 'route' | 'direct';
  readonly route: Route;
  readonly totalMs: number;
  /** How its answers survive a failing provider. */
  readonly failover: ModelFailover;
  /** What planning has to look at. */
  readonly concerns: Concerns;
}

/** A provider, ready to be called. */
export interface ProviderLink {
  readonly config: ProviderConfig;
  readonly protocol: Protocol;
  /** Headers for each of its keys, authentication included; one entry without authentication for a keyless provider. */
  readonly headersByKey: readonly Headers[];
}

/** What the catalogue and the operator's corrections say about a provider's model. */
export type ModelFacts = (provider: ProviderConfig, model: string) => KnownModel;

/** What is known of a model at a provider. */
export interface KnownModel {
  readonly capabilities: Capabilities;
  readonly price: Price | null;
  /** Whether the catalogue or the configuration has a row for it. */
  readonly known: boolean;
}

/** What a snapshot is built from. */
export interface SnapshotParts {
  readonly config: Config;
  readonly protocols: ReadonlyMap<string, Protocol>;
  readonly facts: ModelFacts;
  readonly nowMs: number;
  /** The secret behind a reference; references were checked when the configuration was resolved. */
  secret(reference: string): string;
}

/** Builds the view of one configuration. Pure; a reload builds a new one beside the old. */
export function buildSnapshot(parts: SnapshotParts): Snapshot {
  const { config, facts } = parts;
  const providers = new Map<string, ProviderLink>();
  for (const provider of config.providers.values()) providers.set(provider.name, linkOf(provider, parts));
  const names = new Map<string, NamedRoute>();
  for (const model of config.models.values()) names.set(model.name, modelRoute(model, config, facts));
  for (const route of config.routes.values()) names.set(route.name, tieredRoute(route, names));
  const addresses = new Set(
    [...names.values()].flatMap(({ route }) => targetsOf(route).map(({ address }) => address)),
  );
  return { config, names, providers, facts, builtAtMs: parts.nowMs, addresses };
}

/**
 * What a requested name means: a public model, a route (`auto`, leaned as `auto:economy`), or `provider/upstream-model`.
 * Throws `model_not_found` with the nearest known names.
 */
export function routeFor(snapshot: Snapshot, name: string): NamedRoute {
  return findRoute(snapshot, name) ?? unknownName(snapshot, name);
}

/** The same without an error: null where the name means nothing. */
export function findRoute(snapshot: Snapshot, name: string): NamedRoute | null {
  return snapshot.names.get(name) ?? leanedRoute(snapshot, name) ?? directRoute(snapshot, name);
}

const STANDARD_HEADERS: Headers = [
  ['content-type', 'application/json'],
  ['accept', '*/*'],
  ['user-agent', 'bellwether'],
];

function linkOf(provider: ProviderConfig, parts: SnapshotParts): ProviderLink {
  const { definition } = provider;
  const protocol = parts.protocols.get(definition.protocol);
  if (protocol === undefined) {
    throw new GatewayError(
      'internal',
      `provider kind ${definition.kind} names an unknown protocol ${definition.protocol}`,
    );
  }
  const common = laterWins([
    ...STANDARD_HEADERS,
    ...protocol.upstream.headers,
    ...definition.headers,
    ...provider.headers,
  ]);
  const headersByKey = provider.keys.map((reference): Headers => {
    if (definition.auth.type === 'none') return common;
    return [authHeader(definition, parts.secret(reference)), ...common];
  });
  if (headersByKey.length > 0) return { config: provider, protocol, headersByKey };
  // A simulated provider asks for a key as the real one would; any will do.
  const own = provider.simulate === null ? common : [authHeader(definition, 'simulated-key'), ...common];
  return { config: provider, protocol, headersByKey: [own] };
}

// A header set by the operator stands instead of ours: two versions of an API in one request are none.
function laterWins(headers: Headers): Headers {
  return [...new Map(headers)];
}

function authHeader({ auth }: ProviderDefinition, value: string): Headers[number] {
  return auth.type === 'header' ? [auth.name, value] : ['authorization', `Bearer ${value}`];
}

function modelRoute(model: ModelConfig, config: Config, facts: ModelFacts): NamedRoute {
  const own = ownTargets(model, config, facts);
  const fallbacks = model.fallbacks.flatMap((name) => {
    const fallback = config.models.get(name);
    return fallback === undefined ? [] : [ownTargets(fallback, config, facts)];
  });
  const route: Route = fallbacks.length === 0 ? own : { type: 'ordered', routes: [own, ...fallbacks] };
  return named(model.name, 'model', route, { totalMs: model.timeouts.totalMs, failover: model.failover });
}

function ownTargets(model: ModelConfig, config: Config, facts: ModelFacts): Route {
  const routes = model.targets.flatMap((target): Route[] => {
    const built = targetOf(target, config, facts, model);
    return built === null ? [] : [{ type: 'target', target: built }];
  });
  return { type: model.strategy, routes };
}

function targetOf(
  { provider: providerName, model, weight }: TargetConfig,
  config: Config,
  facts: ModelFacts,
  served: { readonly name: string; readonly timeouts: Timeouts; readonly strict: boolean },
): Target | null {
  const provider = config.providers.get(providerName);
  if (provider === undefined) return null;
  const { capabilities, price } = facts(provider, model);
  return {
    address: `${providerName}/${model}`,
    provider: providerName,
    model,
    protocol: provider.definition.protocol,
    capabilities,
    quirks: provider.definition.quirks,
    price,
    keyCount: Math.max(1, provider.keys.length),
    weight,
    servedModel: served.name,
    timeouts: {
      ...timeoutsFor(served.timeouts, capabilities),
      ...(provider.connectTimeoutMs === null ? {} : { connectMs: provider.connectTimeoutMs }),
    },
    learns: learnedWaits(served.timeouts),
    strict: served.strict,
  };
}

function tieredRoute(route: RouteConfig, models: ReadonlyMap<string, NamedRoute>): NamedRoute {
  const tiers = route.tiers.flatMap((tier) => {
    const model = models.get(tier);
    return model === undefined ? [] : [model.route];
  });
  const tree: Route =
    route.strategy === 'hybrid'
      ? { type: 'hybrid', routes: tiers, lean: 'economy' }
      : { type: route.strategy, routes: tiers };
  return named(route.name, 'route', tree, route);
}

function leanedRoute(snapshot: Snapshot, name: string): NamedRoute | null {
  const colon = name.lastIndexOf(':');
  if (colon < 0) return null;
  const base = snapshot.names.get(name.slice(0, colon));
  if (base?.kind !== 'route') return null;
  const lean = LEANS.find((each: Lean) => each === name.slice(colon + 1));
  if (lean === undefined) {
    throw new GatewayError(
      'model_not_found',
      `The route "${base.name}" leans to ${LEANS.join(', ')} only, not to "${name.slice(colon + 1, colon + 65)}".`,
      { field: 'model' },
    );
  }
  return { ...base, name, route: leaned(base.route, lean) };
}

function directRoute(snapshot: Snapshot, name: string): NamedRoute | null {
  const slash = name.indexOf('/');
  const provider = slash < 1 ? undefined : snapshot.config.providers.get(name.slice(0, slash));
  if (provider === undefined || slash === name.length - 1) return null;
  const { timeouts } = snapshot.config;
  const served = { name, timeouts, strict: false };
  const address = { provider: provider.name, model: name.slice(slash + 1), weight: 1 };
  const target = targetOf(address, snapshot.config, snapshot.facts, served);
  if (target === null) return null;
  const { totalMs } = timeouts;
  return named(name, 'direct', { type: 'target', target }, { totalMs, failover: snapshot.config.failover });
}

function unknownName(snapshot: Snapshot, name: string): never {
  const known = [...snapshot.names.keys()];
  const hint =
    didYouMean(name, known) || (known.length > 0 ? `; known are ${known.slice(0, 20).join(', ')}` : '');
  throw new GatewayError('model_not_found', `There is no model "${name.slice(0, 128)}" here${hint}.`, {
    field: 'model',
    code: 'model_not_found',
  });
}

function named(
  name: string,
  kind: NamedRoute['kind'],
  route: Route,
  { totalMs, failover }: Pick<NamedRoute, 'totalMs' | 'failover'>,
): NamedRoute {
  return {
    name,
    configuredName: name,
    kind,
    route,
    totalMs,
    failover,
    concerns: concernsOf(targetsOf(route)),
  };
}
