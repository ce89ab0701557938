import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModel, indexModels } from './lookup.ts';
import { unknownModel } from './override.ts';

function indexOf(...ids: readonly string[]) {
  return indexModels(ids.map((id) => unknownModel('p', id)));
}

describe('findModel', () => {
  const firstParty = indexOf(
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-20250929',
    'claude-3-5-haiku-20241022',
    'claude-3-5-haiku-20250101',
    'gpt-4o',
    'gpt-4o-2024-05-13',
    'gpt-4.1',
    'mistral-large-2411',
    'mistral-large-latest',
    'gemini-2.5-flash',
  );
  const reseller = indexOf(
    'anthropic/claude-sonnet-4.5',
    'qwen/qwen3-coder',
    'qwen/qwen3-coder:free',
    'openai/gpt-oss-20b',
    'other/gpt-oss-20b',
  );
  const rows: readonly (readonly [why: string, index: typeof reseller, name: string, id: string | null])[] = [
    ['the exact name', firstParty, 'claude-sonnet-4-5-20250929', 'claude-sonnet-4-5-20250929'],
    ['dots for dashes', firstParty, 'claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['dashes for dots', firstParty, 'gpt-4-1', 'gpt-4.1'],
    ['another case', firstParty, 'GPT-4.1', 'gpt-4.1'],
    ['a vendor in front', firstParty, 'anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['a path in front', firstParty, 'models/gemini-2.5-flash', 'gemini-2.5-flash'],
    ['an unlisted date', firstParty, 'gpt-4.1-2025-04-14', 'gpt-4.1'],
    ['a date in the style of Vertex', firstParty, 'claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['-latest of an undated model', firstParty, 'gemini-2.5-flash-latest', 'gemini-2.5-flash'],
    ['-latest of dated models', firstParty, 'claude-3-5-haiku-latest', 'claude-3-5-haiku-20250101'],
    ['no date of dated models', firstParty, 'claude-3.5-haiku', 'claude-3-5-haiku-20250101'],
    ['a listed -latest', firstParty, 'mistral-large-latest', 'mistral-large-latest'],
    ['a listed date before the undated model', firstParty, 'gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['never one date for another', firstParty, 'claude-3-5-haiku-20230101', null],
    ['never one version for another', firstParty, 'mistral-large-2402', null],
    ['no name that is only similar', firstParty, 'gpt-4', null],
    ['no vendor in front', reseller, 'claude-sonnet-4-5', 'anthropic/claude-sonnet-4.5'],
    ['the variant that costs, not the free one', reseller, 'qwen3-coder', 'qwen/qwen3-coder'],
    ['no unknown variant', reseller, 'qwen/qwen3-coder:nitro', null],
    ['nothing where two vendors have the name', reseller, 'gpt-oss-20b', null],
  ];
  it.each(rows)('accepts %s', (_, index, name, id) => {
    expect(findModel(index, name)?.id ?? null).toBe(id);
  });

  it('finds every model by its own name, whatever else is there', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^([ab]\/)?[ab](-[12]|\.[12]|-2025010[12]|-latest)?$/), {
      minLength: 1,
    });
    fc.assert(
      fc.property(ids, (names) => {
        const index = indexOf(...names);
        for (const name of names) expect(findModel(index, name)?.id).toBe(name);
      }),
    );
  });
});
