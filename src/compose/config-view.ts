import type { Json, JsonObject } from '../base/json.ts';
import type { Config, ProviderConfig } from '../config/config.ts';

/** A configuration in force as JSON, in the words of the file. It holds references to secrets, never secrets. */
export function configView(config: Config): Json {
  const { server, store, observe, queue, providers, models, routes } = config;
  return {
    server: { ...server },
    store: { ...store },
    observe: { ...observe },
    queue: { ...queue },
    providers: Object.fromEntries([...providers.values()].map((each) => [each.name, providerView(each)])),
    models: Object.fromEntries(
      [...models.values()].map(({ name, strategy, targets, fallbacks, strict, timeouts }) => [
        name,
        {
          strategy,
          targets: targets.map(({ provider, model, weight }) => ({ target: `${provider}/${model}`, weight })),
          fallbacks,
          strict,
          timeouts: { ...timeouts },
        },
      ]),
    ),
    routes: Object.fromEntries(
      [...routes.values()].map(({ name, strategy, tiers }) => [name, { strategy, tiers }]),
    ),
  };
}

function providerView({ definition, baseUrl, keys, headers, simulate }: ProviderConfig): JsonObject {
  return {
    kind: definition.kind,
    base_url: baseUrl,
    keys,
    // Values of extra headers may be secrets in disguise.
    headers: headers.map(([name]) => name),
    simulated: simulate !== null,
  };
}
