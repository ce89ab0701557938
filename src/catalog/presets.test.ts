import { describe, expect, it } from 'vitest';
import { placePresets, PRESET_MODELS, PRESET_ROUTE } from './presets.ts';

const first = { name: 'first', definition: { presets: { 'gpt-4.1': 'gpt-4.1' } } };
const relay = { name: 'relay', definition: { presets: { 'gpt-4.1': 'x/gpt-4.1', 'deepseek-v3.2': 'x/ds' } } };
const plain = { name: 'plain', definition: {} };

describe('the presets', () => {
  it('refer to each other only', () => {
    const names = PRESET_MODELS.map((model) => model.name);
    for (const model of PRESET_MODELS) {
      for (const fallback of model.fallbacks) expect(names).toContain(fallback);
      expect(model.fallbacks).not.toContain(model.name);
    }
    expect(PRESET_ROUTE.tiers.toSorted()).toEqual(names.toSorted());
  });
});

describe('placePresets', () => {
  it('lists targets in the order of the providers and drops what nobody serves', () => {
    expect(placePresets([first, plain, relay])).toEqual({
      models: [
        { name: 'gpt-4.1', targets: ['first/gpt-4.1', 'relay/x/gpt-4.1'], fallbacks: [] },
        { name: 'deepseek-v3.2', targets: ['relay/x/ds'], fallbacks: [] },
      ],
      route: { name: 'auto', strategy: 'hybrid', tiers: ['deepseek-v3.2', 'gpt-4.1'] },
    });
  });

  it('has no route where there is no model', () => {
    expect(placePresets([plain])).toEqual({ models: [], route: null });
  });
});
