import { describe, expect, it } from 'vitest';
import type { ProviderDefinition } from '../spec/provider.ts';
import { NO_QUIRKS } from '../spec/provider.ts';
import type { Config } from './config.ts';
import { describeChanges } from './diff.ts';
import { ConfigError } from './config-error.ts';
import { parseConfigFile } from './parse.ts';
import { resolveConfig } from './resolve.ts';
import { configJsonSchema } from './schema.ts';

function definition(kind: string, special: Partial<ProviderDefinition> = {}): ProviderDefinition {
  return {
    kind,
    name: kind,
    protocol: 'wire',
    baseUrl: `https://${kind}.example/v1`,
    auth: { type: 'bearer' },
    headers: [],
    environment: [`${kind.toUpperCase()}_API_KEY`],
    keyless: false,
    catalog: null,
    quirks: NO_QUIRKS,
    ...special,
  };
}

const DEFINITIONS = [
  definition('openai'),
  definition('anthropic'),
  definition('local', { keyless: true, baseUrl: null }),
  definition('simulated', { keyless: true, baseUrl: 'simulated://' }),
];

function resolve(text: string): Config {
  const parsed = parseConfigFile('bellwether.yaml', text);
  return resolveConfig(parsed.value, {
    source: 'bellwether.yaml',
    definitions: DEFINITIONS,
    hasSecret: (reference) => !reference.includes('MISSING'),
    wrongFault: (name) => (name === 'down' ? null : `there is no fault "${name}"`),
    lineOf: (path) => parsed.lineOf(path),
  });
}

function problems(text: string): readonly string[] {
  try {
    resolve(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

const GOOD = `
providers:
  openai: { kind: openai, key: env:OPENAI_API_KEY }
  second: { kind: openai, keys: [env:A, "file:/run/key"], base_url: "https://other.example/v1/" }
  drill:  { kind: simulated, simulate: { like: anthropic, fault: down } }
  near:   { kind: local, base_url: "http://127.0.0.1:11434/v1" }
models:
  gpt: { targets: [openai/gpt-4.1, { target: second/gpt-4.1, weight: 3 }], fallbacks: [other] }
  other: { targets: [drill/claude], strategy: cheapest, timeouts: { total_ms: 5000 } }
routes:
  auto: { tiers: [other, gpt] }
`;

describe('a good configuration', () => {
  const config = resolve(GOOD);

  it('has its defaults filled in', () => {
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8484 });
    expect(config.store.url).toBe('sqlite:data/bellwether.db');
    expect(config.models.get('gpt')?.timeouts.totalMs).toBe(600_000);
    expect(config.models.get('other')?.timeouts).toMatchObject({ totalMs: 5_000, connectMs: 2_000 });
    expect(config.routes.get('auto')).toMatchObject({ strategy: 'hybrid', tiers: ['other', 'gpt'] });
  });

  it('has targets with providers, models and weights', () => {
    expect(config.models.get('gpt')?.targets).toEqual([
      { provider: 'openai', model: 'gpt-4.1', weight: 1 },
      { provider: 'second', model: 'gpt-4.1', weight: 3 },
    ]);
  });

  it('lets a simulated provider speak the wire of the one it imitates', () => {
    expect(config.providers.get('drill')).toMatchObject({
      baseUrl: 'simulated://drill',
      definition: { kind: 'simulated', environment: ['SIMULATED_API_KEY'] },
    });
  });

  it('allows a private address where the operator wrote one, and only there', () => {
    expect(config.providers.get('near')?.allowPrivate).toBe(true);
    expect(config.providers.get('second')?.allowPrivate).toBe(false);
  });

  it('takes the slash off the end of an address', () => {
    expect(config.providers.get('second')?.baseUrl).toBe('https://other.example/v1');
  });

  it('is also an empty one', () => {
    expect(resolve('').models.size).toBe(0);
  });
});

describe('a bad configuration is refused whole, with line, place and what would be right', () => {
  it.each([
    ['provider: {}', ':1: provider: is not a known field (did you mean "providers"?)'],
    ['server:\n  prot: 1', ':2: server.prot: is not a known field (did you mean "port"?)'],
    ['server:\n  port: eighty', ':2: server.port: expected number, received string'],
    ['server: { port: 70000 }', 'server.port: too big'],
    [
      'providers:\n  a: { kind: opnai, key: env:X }',
      ':2: providers.a.kind: there is no provider kind "opnai" (did you mean "openai"?)',
    ],
    [
      'providers:\n  a: { kind: openai }',
      'providers.a.key: is required for kind openai: a reference such as env:OPENAI_API_KEY',
    ],
    [
      'providers:\n  a: { kind: openai, key: sk-123 }',
      'providers.a.key: must be a reference, env:NAME, file:PATH or credential:NAME, never the secret itself',
    ],
    [
      'providers:\n  a: { kind: openai, key: env:MISSING }',
      'env:MISSING leads to nothing: the environment variable is not set or empty',
    ],
    ['providers:\n  a: { kind: openai, key: env:X, keys: [env:Y] }', 'give either key or keys, not both'],
    ['providers:\n  a: { kind: local }', 'providers.a.base_url: is required for kind local'],
    [
      'providers:\n  a: { kind: openai, key: env:X, base_url: "ftp://x" }',
      'must begin with https:// or http://',
    ],
    [
      'providers:\n  a: { kind: openai, key: env:X, base_url: "https://u:p@x" }',
      'must not contain a user or password',
    ],
    ['providers:\n  a: { kind: openai, key: env:X, headers: { Host: x } }', 'is set by the gateway itself'],
    [
      'providers:\n  a: { kind: openai, key: env:X, simulate: {} }',
      'only makes sense for a simulated provider',
    ],
    ['providers:\n  a: { kind: simulated, simulate: { fault: dwon } }', 'there is no fault "dwon"'],
    ['models:\n  m: { targets: [openai/gpt] }', ':2: models.m.targets[0]: there is no provider "openai"'],
    ['models:\n  m: { targets: [gpt] }', 'must be provider/upstream-model'],
    ['models:\n  m: { targets: [] }', 'models.m.targets: too small'],
    ['routes:\n  auto: { tiers: [gpt] }', 'routes.auto.tiers[0]: there is no model "gpt"'],
    ['models: { a: { targets: [x/y] }, a: { targets: [x/z] } }', 'keys must be unique'],
    ['a: [', ':1:'],
    ['- list', 'expected object, received array'],
  ])('%s', (text, expected) => {
    const found = problems(text).join('\n').toLowerCase();
    expect(found).toContain(expected.toLowerCase());
    expect(found).toContain('bellwether.yaml');
  });

  it('names every problem at once', () => {
    expect(
      problems('providers:\n  a: { kind: x }\nmodels:\n  m: { targets: [b/y], fallbacks: [n] }'),
    ).toHaveLength(3);
  });

  it('never repeats a secret that was written where a reference belongs', () => {
    const text = 'providers:\n  a: { kind: openai, key: sk-very-secret-0123456789 }';
    expect(problems(text).join('\n')).not.toContain('very-secret');
  });

  it("keeps a name called __proto__ out of everybody's objects", () => {
    problems('models:\n  __proto__: { targets: [a/b] }\n__proto__: { polluted: true }');
    expect(Object.prototype).not.toHaveProperty('polluted');
  });
});

describe('what changed between two configurations', () => {
  it('is said in words', () => {
    const after = resolve(
      GOOD.replace('weight: 3', 'weight: 4')
        .replace('  drill:', '  drill2:')
        .replace('drill/claude', 'drill2/claude'),
    );
    expect(describeChanges(resolve(GOOD), after)).toEqual([
      'provider drill removed',
      'provider drill2 added',
      'model gpt changed',
      'model other changed',
    ]);
  });

  it('is nothing for the same file', () => {
    expect(describeChanges(resolve(GOOD), resolve(GOOD))).toEqual([]);
  });
});

it('has a JSON Schema in which every field is described', () => {
  expect(JSON.stringify(configJsonSchema())).toContain('Address to listen on');
});
