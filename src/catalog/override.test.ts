import { describe, expect, it } from 'vitest';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import type { Model } from './model.ts';
import { overrideModel, unknownModel } from './override.ts';

const MODEL: Model = {
  ...unknownModel('p', 'm'),
  price: {
    rates: { input: 1, output: 2 },
    tiers: [{ aboveInputTokens: 5, rates: { input: 2, output: 4 } }],
    validFrom: '2026-07-02',
  },
  check: 'agrees',
};

describe('unknownModel', () => {
  it('is limited in nothing and has no price', () => {
    const model = unknownModel('p', 'some-model');
    expect(model.capabilities).toEqual(UNKNOWN_CAPABILITIES);
    expect(model.price).toBeNull();
  });
});

describe('overrideModel', () => {
  it('charges every token alike where the operator gives one number', () => {
    const { price, check } = overrideModel(MODEL, { cost_per_1m_tokens: 0.42 }, '2026-11-21');
    expect(check).toBe('operator');
    expect(price?.validFrom).toBe('2026-11-21');
    expect(price?.tiers).toEqual([]);
    const rates = Object.entries(price?.rates ?? {});
    expect(rates).toHaveLength(8);
    for (const [, rate] of rates) expect(rate).toBe(420_000);
  });

  it('charges a class that the operator does not name like the class that it belongs to', () => {
    const cost = { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 };
    expect(overrideModel(MODEL, { cost_per_1m_tokens: cost }, '2026-11-21').price?.rates).toEqual({
      input: 3_000_000,
      inputAudio: 3_000_000,
      cacheRead: 300_000,
      cacheWrite5m: 3_750_000,
      cacheWrite1h: 3_750_000,
      output: 15_000_000,
      outputAudio: 15_000_000,
      reasoning: 15_000_000,
    });
  });

  it('leaves the price and its check alone where none is given', () => {
    const model = overrideModel(MODEL, { tools: false }, '2026-11-21');
    expect(model.price).toBe(MODEL.price);
    expect(model.check).toBe('agrees');
  });

  it('puts the abilities that are given over the known ones, and no others', () => {
    const given = { context_tokens_max: 9, output_tokens_max: 3, image: false, structured_output: false };
    expect(overrideModel(MODEL, given, '2026-11-21').capabilities).toEqual({
      ...UNKNOWN_CAPABILITIES,
      contextTokensMax: 9,
      outputTokensMax: 3,
      image: false,
      structuredOutput: false,
    });
  });

  it('makes a free model of a price of zero', () => {
    const rates = overrideModel(MODEL, { cost_per_1m_tokens: 0 }, '2026-11-21').price?.rates;
    expect(rates?.input).toBe(0);
  });

  it('refuses a price that the configuration should not have let through', () => {
    expect(() => overrideModel(MODEL, { cost_per_1m_tokens: -1 }, '2026-11-21')).toThrow('no price');
  });
});
