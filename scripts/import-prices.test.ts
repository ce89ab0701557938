import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../src/providers/index.ts';
import { describeShared, sharedPath } from '../test/shared.ts';
import { capabilityFields } from './prices/capabilities.ts';
import { catalogueSchema, type SourceRow } from './prices/catalogue.ts';
import { claudeGeneration } from './prices/claude.ts';
import { checkOf, priceFields } from './prices/price.ts';
import { modelsFile } from './prices/rows.ts';
import { ROOT } from './tool.ts';

const SIZE_BYTES_MAX = 400_000;
const withRows = PROVIDERS.filter((definition) => definition.catalog !== null);

describeShared('the import of models and prices', () => {
  const text = readFileSync(sharedPath('data', 'models', 'catalogue.json'), 'utf8');
  const catalogue = catalogueSchema.parse(JSON.parse(text));

  it.each(withRows.map((definition) => [definition.kind, definition] as const))(
    'writes the committed models.json of %s again',
    (kind, definition) => {
      expect(modelsFile(catalogue, definition)).toBe(committed(kind));
    },
  );
});

describe('the committed models', () => {
  it('are small enough to ship', () => {
    const bytes = withRows.reduce((sum, definition) => sum + committed(definition.kind).length, 0);
    expect(withRows.length).toBeGreaterThan(10);
    expect(bytes).toBeLessThan(SIZE_BYTES_MAX);
  });
});

describe('claudeGeneration', () => {
  const rows: readonly (readonly [id: string, generation: number | null])[] = [
    ['claude-opus-4-6', 406],
    ['anthropic/claude-sonnet-4.5', 405],
    ['claude-haiku-4-5-20251001', 405],
    ['claude-opus-4-20250514', 400],
    ['claude-3-5-sonnet-20241022', 305],
    ['claude-3-opus-20240229', 300],
    ['claude-fable-5-1', 501],
    ['claude-2', 200],
    ['~anthropic/claude-opus-latest', null],
    ['gpt-4.1', null],
  ];
  it.each(rows)('reads %s as %s', (id, generation) => {
    expect(claudeGeneration(id)).toBe(generation);
  });
});

const row: SourceRow = { kind: 'chat', src: ['models.dev 2026-07-02'] };
const effort = (...values: readonly string[]) => ({ type: 'effort', values: [...values] });
const thinks: SourceRow = { ...row, reasoning: true };

describe('capabilityFields', () => {
  const rows: readonly (readonly [kind: string, id: string, source: SourceRow, fields: object])[] = [
    [
      'openai',
      'gpt-9',
      { ...thinks, temperature: false, reasoning_options: [effort('high', 'low', 'odd')] },
      { reasoning: { type: 'effort', efforts: ['low', 'high'] }, sampling: 'none' },
    ],
    [
      'openai',
      'gpt-4.1',
      { ...row, reasoning: false, temperature: true },
      { reasoning: { type: 'none' }, sampling: 'free' },
    ],
    ['openai', 'nobody-knows', row, {}],
    [
      'anthropic',
      'claude-opus-4-7',
      { ...thinks, temperature: false, reasoning_options: [effort('low', 'max')] },
      {
        reasoning: { type: 'adaptive', efforts: ['low', 'max'] },
        sampling: 'none',
        prefill: false,
        midConversationSystem: false,
        structuredOutput: false,
      },
    ],
    [
      'anthropic',
      'claude-opus-4-5',
      {
        ...thinks,
        temperature: true,
        reasoning_options: [effort('low'), { type: 'budget_tokens', min: 1024 }],
      },
      {
        reasoning: { type: 'budget', minTokens: 1024, maxTokens: null },
        sampling: 'one-of',
        prefill: true,
        midConversationSystem: false,
        structuredOutput: false,
      },
    ],
    [
      'openrouter',
      'anthropic/claude-opus-4.7',
      { ...thinks, reasoning_options: [effort('low', 'max')] },
      { reasoning: { type: 'effort', efforts: ['low', 'max'] }, sampling: 'none', prefill: false },
    ],
    [
      'gemini',
      'gemini-2.5-flash-lite',
      {
        ...thinks,
        reasoning_options: [{ type: 'toggle' }, { type: 'budget_tokens', min: 512, max: 24_576 }],
      },
      { reasoning: { type: 'budget', minTokens: 0, maxTokens: 24_576 } },
    ],
    ['deepseek', 'deepseek-v4-pro', { ...row, structured_output: true }, { structuredOutput: false }],
  ];
  it.each(rows)('reads at %s, of %s', (kind, id, source, fields) => {
    expect(capabilityFields(id, source, definitionOf(kind))).toEqual(fields);
  });
});

describe('priceFields', () => {
  it('turns dollars per million into picodollars per token, with the date of the newest list', () => {
    const source: SourceRow = {
      ...row,
      src: ['models.dev 2026-07-02', 'updated from models.dev via ruby_llm 2026-08-19'],
      cost: { input: 0.0375, output: 0.15, reasoning: 0.15, cache_read: 0.003_625 },
    };
    expect(priceFields(source, definitionOf('openai'))).toEqual({
      validFrom: '2026-08-19',
      input: 37_500,
      cacheRead: 3625,
      output: 150_000,
    });
  });

  it('takes a free cache read of a model that is not free for an unknown price', () => {
    const openai = definitionOf('openai');
    expect(priceFields({ ...row, cost: { input: 1, output: 1, cache_read: 0 } }, openai)).not.toHaveProperty(
      'cacheRead',
    );
    expect(priceFields({ ...row, cost: { input: 0, output: 0, cache_read: 0 } }, openai)).toHaveProperty(
      'cacheRead',
      0,
    );
  });

  it("knows Anthropic's price of writing to the cache for an hour", () => {
    const cost = { input: 3, output: 15, cache_write: 3.75 };
    expect(priceFields({ ...row, cost }, definitionOf('anthropic'))).toHaveProperty(
      'cacheWrite1h',
      6_000_000,
    );
    expect(priceFields({ ...row, cost }, definitionOf('openrouter'))).not.toHaveProperty('cacheWrite1h');
  });

  it('sorts tiers by their threshold', () => {
    const tier = (size: number, input: number) => ({ input, output: 9, tier: { size } });
    const cost = { input: 1, output: 2, tiers: [tier(500_000, 5), tier(200_000, 3)] };
    const price = priceFields({ ...row, cost }, definitionOf('alibaba'));
    expect(price?.['tiers']).toEqual([
      { aboveInputTokens: 200_000, input: 3_000_000, output: 9_000_000 },
      { aboveInputTokens: 500_000, input: 5_000_000, output: 9_000_000 },
    ]);
  });

  it('has nothing to say where there is no price', () => {
    expect(priceFields(row, definitionOf('openai'))).toBeUndefined();
  });
});

describe('checkOf', () => {
  it('tells agreement from difference from silence', () => {
    expect(checkOf({ ...row, check: { other: 'agrees' } })).toBe('agrees');
    expect(checkOf({ ...row, check: { other: { input: 1, output: 2 } } })).toBe('differs');
    expect(checkOf(row)).toBeUndefined();
  });
});

function committed(kind: string): string {
  return readFileSync(path.join(ROOT, 'src', 'providers', kind, 'models.json'), 'utf8');
}

function definitionOf(kind: string) {
  const definition = PROVIDERS.find((each) => each.kind === kind);
  if (definition === undefined) throw new Error(`There is no provider kind ${kind}.`);
  return definition;
}
