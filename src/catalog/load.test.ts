import { describe, expect, it } from 'vitest';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { loadModels, resolveModel } from './load.ts';

const definition = {
  kind: 'p',
  models: () =>
    Promise.resolve({
      models: [{ id: 'big-1', tools: false, price: { validFrom: '2026-07-02', input: 1, output: 2 } }],
    }),
};

describe('resolveModel', () => {
  it('knows the facts of a listed model under the name that was asked for', async () => {
    const index = await loadModels(definition);
    const model = resolveModel(index, 'p', 'vendor/Big.1', null);
    expect(model.id).toBe('vendor/Big.1');
    expect(model.capabilities.tools).toBe(false);
    expect(model.price?.rates.output).toBe(2);
  });

  it('knows nothing of an unlisted model, and tries everything', async () => {
    const index = await loadModels({ kind: 'q' });
    const model = resolveModel(index, 'q', 'mystery', null);
    expect(model.capabilities).toEqual(UNKNOWN_CAPABILITIES);
    expect(model.price).toBeNull();
  });

  it("puts the operator's word over the catalogue's, and in its place", async () => {
    const index = await loadModels(definition);
    const operator = { override: { cost_per_1m_tokens: 1, tools: true }, date: '2026-11-21' };
    expect(resolveModel(index, 'p', 'big-1', operator)).toMatchObject({
      check: 'operator',
      capabilities: { tools: true },
      price: { rates: { input: 1_000_000 } },
    });
    expect(resolveModel(index, 'p', 'mystery', operator).price?.rates.output).toBe(1_000_000);
  });
});
