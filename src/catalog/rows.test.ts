import { describe, expect, it } from 'vitest';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { readModels } from './rows.ts';

const FULL = {
  id: 'big-1',
  name: 'Big One',
  status: 'beta',
  contextTokensMax: 1000,
  outputTokensMax: 100,
  input: ['image', 'video'],
  tools: true,
  structuredOutput: false,
  reasoning: { type: 'effort', efforts: ['high', 'low'] },
  sampling: 'one-of',
  prefill: false,
  midConversationSystem: true,
  price: {
    validFrom: '2026-07-02',
    input: 10,
    cacheRead: 1,
    output: 20,
    reasoning: 15,
    tiers: [
      { aboveInputTokens: 500, input: 40, output: 80 },
      { aboveInputTokens: 200, input: 20, output: 40 },
    ],
  },
  check: 'agrees',
};

describe('readModels', () => {
  it('reads every fact of a row', () => {
    const [model] = readModels({ models: [FULL] }, 'p');
    expect(model).toEqual({
      id: 'big-1',
      provider: 'p',
      name: 'Big One',
      kind: 'chat',
      status: 'beta',
      check: 'agrees',
      capabilities: {
        contextTokensMax: 1000,
        outputTokensMax: 100,
        image: true,
        pdf: false,
        audio: false,
        video: true,
        tools: true,
        structuredOutput: false,
        reasoning: { type: 'effort', efforts: ['low', 'high'] },
        sampling: 'one-of',
        prefill: false,
        midConversationSystem: true,
      },
      price: {
        validFrom: '2026-07-02',
        rates: { input: 10, cacheRead: 1, output: 20, reasoning: 15 },
        tiers: [
          { aboveInputTokens: 200, rates: { input: 20, cacheRead: 1, output: 40 } },
          { aboveInputTokens: 500, rates: { input: 40, cacheRead: 1, output: 80 } },
        ],
      },
    });
  });

  it('takes what a row does not say for unknown, never for absent', () => {
    const [model] = readModels({ models: [{ id: 'new' }] }, 'p');
    expect(model?.capabilities).toEqual(UNKNOWN_CAPABILITIES);
    expect(model?.price).toBeNull();
    expect(model?.check).toBe('unchecked');
    expect(model?.status).toBe('current');
    expect(model?.name).toBe('new');
  });

  const reasonings = [
    { type: 'none' },
    { type: 'fixed' },
    { type: 'adaptive', efforts: ['low', 'max'] },
    { type: 'budget', minTokens: 1024, maxTokens: null },
    { type: 'budget', minTokens: 0, maxTokens: 24_576 },
  ];
  it.each(reasonings)('reads the reasoning capability %j', (reasoning) => {
    expect(readModels({ models: [{ id: 'm', reasoning }] }, 'p')[0]?.capabilities.reasoning).toEqual(
      reasoning,
    );
  });

  it('stops at rows that our own generator cannot have written', () => {
    expect(() => readModels({ models: [{ name: 'no id' }] }, 'p')).toThrow('has no id');
    expect(() => readModels({ models: [{ id: 'm', price: { input: 1 } }] }, 'p')).toThrow('has no date');
    expect(() => readModels({ models: [{ id: 'm', reasoning: { type: 'deep' } }] }, 'p')).toThrow('deep');
  });

  it('reads a file without models as none', () => {
    expect(readModels({}, 'p')).toEqual([]);
  });
});
