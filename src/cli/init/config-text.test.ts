import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { starterConfig, starterProviders } from '../../compose/starter.ts';
import { parseConfigFile } from '../../config/parse.ts';
import { configText } from './config-text.ts';

const kinds = starterProviders(() => false).map(({ kind }) => kind);

describe('the first configuration file', () => {
  it('says in YAML exactly what was chosen, for every choice of providers', () => {
    fc.assert(
      fc.property(fc.subarray(kinds), (chosen) => {
        const { sections, simulated } = starterConfig(chosen, () => false);
        const text = configText({ sections, simulated, port: 8484 });
        const { value } = parseConfigFile('bellwether.yaml', text);
        const wanted = JSON.parse(JSON.stringify({ server: { host: '127.0.0.1', port: 8484 }, ...sections }));
        for (const model of Object.values<{ fallbacks?: string[] }>(wanted.models)) {
          if (model.fallbacks?.length === 0) delete model.fallbacks;
        }
        if (Object.keys(wanted.models).length === 0) delete wanted.models;
        expect(value).toEqual(wanted);
        expect(simulated).toBe(chosen.length === 0);
      }),
    );
  });

  it('names the variable that is set, and the usual one where none is', () => {
    const set = starterConfig(['gemini', 'openai'], (reference) => reference === 'env:GOOGLE_API_KEY');
    expect(set.sections['providers']).toEqual({
      openai: { kind: 'openai', key: 'env:OPENAI_API_KEY' },
      gemini: { kind: 'gemini', key: 'env:GOOGLE_API_KEY' },
    });
  });
});
