import { describe, expect, it } from 'vitest';
import { placePresets, PRESET_MODELS } from '../catalog/presets.ts';
import { providerOf, PROVIDERS } from './index.ts';

describe('PROVIDERS', () => {
  it('has each kind, and each environment variable, once', () => {
    const kinds = PROVIDERS.map((definition) => definition.kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    const variables = PROVIDERS.flatMap((definition) => definition.environment);
    expect(new Set(variables).size).toBe(variables.length);
  });

  it('gives every preset model a first party and at least two more places to go', () => {
    const providers = PROVIDERS.map((definition) => ({ name: definition.kind, definition }));
    const { models, route } = placePresets(providers);
    expect(models.map((model) => model.name)).toEqual(PRESET_MODELS.map((model) => model.name));
    expect(models.map((model) => model.targets[0])).toEqual([
      'openai/gpt-4.1',
      'anthropic/claude-sonnet-4-5',
      'gemini/gemini-2.5-flash',
      'deepseek/deepseek-chat',
    ]);
    for (const model of models) expect(model.targets.length).toBeGreaterThanOrEqual(3);
    expect(route?.tiers).toHaveLength(4);
  });

  it('is found by kind', () => {
    for (const definition of PROVIDERS) expect(providerOf(definition.kind)).toBe(definition);
    expect(providerOf('nobody')).toBeNull();
  });
});
