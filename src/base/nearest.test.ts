import { describe, expect, it } from 'vitest';
import { didYouMean, nearestNames } from './nearest.ts';

const MODELS = ['gpt-4.1', 'claude-sonnet-4.5', 'gemini-2.5-flash', 'deepseek-v3.2', 'auto'];

describe('names that were probably meant', () => {
  it.each([
    ['gpt-4', 'gpt-4.1'],
    ['gpt-4-1', 'gpt-4.1'],
    ['GPT-4.1', 'gpt-4.1'],
    ['claude-sonnet-4-5', 'claude-sonnet-4.5'],
    ['gemini-flash-2.5', 'gemini-2.5-flash'],
    ['deepseek', 'deepseek-v3.2'],
    ['atuo', 'auto'],
  ])('%s is near %s', (typed, meant) => {
    expect(nearestNames(typed, MODELS, 3)[0]).toBe(meant);
  });

  it('offers nothing for a name that is like none', () => {
    expect(didYouMean('completely-different-model-name', MODELS)).toBe('');
  });

  it('asks a question that ends a sentence', () => {
    expect(didYouMean('gpt-4', MODELS)).toBe(' (did you mean "gpt-4.1"?)');
  });
});
