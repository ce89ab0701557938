import type { Config } from './config.ts';

/** What changed between two configurations, in words; empty where nothing did. Never contains a secret: there is none. */
export function describeChanges(before: Config, after: Config): readonly string[] {
  return [
    ...describeNames('provider', before.providers, after.providers),
    ...describeNames('model', before.models, after.models),
    ...describeNames('route', before.routes, after.routes),
    ...(['timeouts', 'failover', 'idempotency'] as const).flatMap((section) =>
      same(before[section], after[section]) ? [] : [`section ${section} changed`],
    ),
    ...(['server', 'store', 'observe', 'queue'] as const).flatMap((section) =>
      same(before[section], after[section])
        ? []
        : [`section ${section} changed, which takes effect at the next start`],
    ),
  ];
}

function describeNames(
  what: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name) => {
    if (!before.has(name)) return [`${what} ${name} added`];
    if (!after.has(name)) return [`${what} ${name} removed`];
    return same(before.get(name), after.get(name)) ? [] : [`${what} ${name} changed`];
  });
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, plainMaps) === JSON.stringify(b, plainMaps);
}

function plainMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
