import { describe, expect, it } from 'vitest';
import type { Inspection } from './inspect.ts';
import { outageCeilings } from './outage-ceiling.ts';

const KINDS: { readonly [name: string]: string } = {
  a: 'openai',
  second: 'openai',
  b: 'anthropic',
  c: 'deepseek',
  local: 'vllm',
  made: 'simulated',
};

function inspection(models: { readonly [name: string]: readonly string[] }): Inspection {
  const target = (provider: string) => ({
    address: `${provider}/x`,
    servedModel: 'm',
    contextTokensMax: null,
    outputTokensMax: null,
    inputRate: null,
    outputRate: null,
    pricedOn: null,
    known: true,
    simulated: false,
  });
  return {
    providers: Object.entries(KINDS).map(([name, kind]) => ({
      name,
      kind,
      baseUrl: '',
      keys: [],
      simulated: kind === 'simulated',
    })),
    names: Object.entries(models).map(([name, providers]) => ({
      name,
      kind: 'model',
      strategy: 'ordered',
      leadsTo: [],
      targets: providers.map(target),
    })),
    warnings: [],
  };
}

describe('the ceiling of configured providers', () => {
  it('is computed for each set of companies once, from the outages that come with the program', async () => {
    const [pair, alone, ...others] = await outageCeilings(
      inspection({ m: ['a', 'b'], n: ['b', 'a'], alone: ['a'] }),
    );
    expect(others).toEqual([]);
    expect(pair).toMatchObject({ models: ['m', 'n'], known: ['OpenAI', 'Anthropic'], unknown: [] });
    // 46 minutes from July 2023 to February 2024 and 105 in May 2026: what reliability figures elsewhere say too.
    expect(pair?.periods).toMatchObject([
      { days: '2023-07-11 to 2024-02-29', minutes: 336_960, allDownMinutes: 46 },
      { days: '2026-05-01 to 2026-05-31', minutes: 44_640, allDownMinutes: 105 },
    ]);
    expect(pair?.ceiling).toBeCloseTo(0.997_647, 6);
    expect(pair?.additions).toContain('DeepSeek');
    expect(pair?.additions).not.toContain('Together AI');
    expect(alone?.ceiling).toBeLessThan(0.987);
  });

  it('counts two accounts at one company once, and says what it knows nothing about', async () => {
    const [same, unknown, three] = await outageCeilings(
      inspection({ same: ['a', 'second'], unknown: ['local'], three: ['a', 'b', 'c'], made: ['made'] }),
    );
    expect(same).toMatchObject({ known: ['OpenAI'] });
    expect(same?.ceiling).toBeLessThan(0.987);
    expect(unknown).toMatchObject({ unknown: ['local'], known: [], ceiling: null, additions: [] });
    expect(three).toMatchObject({ ceiling: 1, additions: [] });
  });
});
