import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { asArray, asString, field, parseJsonOr } from '../base/json.ts';
import { isKnownModel, traitsOf } from './models.ts';
import type { WireName } from './settings.ts';

describe('model names', () => {
  it.each<[WireName, string]>([
    ['chat', 'gpt-4.1'],
    ['chat', 'openai/gpt-4o-mini'],
    ['chat', 'claude-sonnet-4.5'],
    ['chat', 'deepseek-v3.2'],
    ['chat', 'llama-3.3-70b-versatile'],
    ['messages', 'claude-sonnet-4-5-20250929'],
    ['generate-content', 'gemini-3-pro-preview'],
    ['messages', 'sim-anything'],
  ])('on %s: %s is known', (wire, name) => {
    expect(isKnownModel(wire, name, [])).toBe(true);
  });

  // The names of the recorded 404s.
  it.each<[WireName, string]>([
    ['chat', 'gpt-5.2-proo'],
    ['chat', 'nonexistent'],
    ['messages', 'claude-sonet-4-5'],
    ['messages', 'claude-does-not-exist'],
    ['messages', 'gpt-4.1'],
    ['generate-content', 'gemini-3.6-flahs'],
  ])('on %s: %s is unknown', (wire, name) => {
    expect(isKnownModel(wire, name, [])).toBe(false);
    expect(isKnownModel(wire, name, [name])).toBe(true);
  });

  it('know the first-party chat models of the catalogue', () => {
    const places = [
      ['chat', 'openai'],
      ['chat', 'deepseek'],
      ['messages', 'anthropic'],
      ['generate-content', 'gemini'],
    ] as const;
    const unknown = places.flatMap(([wire, provider]) => {
      const file = path.join(import.meta.dirname, '..', 'providers', provider, 'models.json');
      const rows = asArray(field(parseJsonOr(readFileSync(file, 'utf8'), null), 'models'));
      expect(rows.length).toBeGreaterThan(3);
      return rows.flatMap((row) => {
        const id = asString(field(row, 'id')) ?? '';
        return isKnownModel(wire, id, []) || OTHER.test(id) ? [] : [id];
      });
    });
    expect(unknown).toEqual([]);
  });

  it.each([
    ['claude-sonnet-4-5', 'one-of'],
    ['claude-sonnet-4-20250514', 'free'],
    ['claude-3-5-sonnet-20241022', 'free'],
    ['claude-opus-4-8', 'none'],
    ['claude-sonnet-5', 'none'],
    ['gpt-5-mini', 'none'],
    ['gpt-4.1', 'free'],
  ])('tell that %s takes sampling fields: %s', (name, sampling) => {
    expect(traitsOf(name).sampling).toBe(sampling);
  });
});

/** Image makers, research and computer-use agents, and names without a generation. */
const OTHER = /image|research|^claude-(?:2|v1)$|computer-use/;
