import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { asArray, asNumber, asString, field, parseJsonOr } from '../base/json.ts';
import type { GenerateRequest } from '../spec/generate.ts';
import { windowOf, windowRefusal } from './windows.ts';

describe('the window of a model', () => {
  // A smaller limit than the catalogue's would refuse what the gateway rightly sends.
  it.each(['openai', 'anthropic', 'gemini'])('is never smaller than in the catalogue of %s', (provider) => {
    const file = path.join(import.meta.dirname, '..', 'providers', provider, 'models.json');
    const rows = asArray(field(parseJsonOr(readFileSync(file, 'utf8'), null), 'models'));
    expect(rows.length).toBeGreaterThan(10);
    const smaller = rows.filter((row) => {
      const { context, output } = windowOf(asString(field(row, 'id')) ?? '');
      const known = asNumber(field(row, 'contextTokensMax')) ?? 0;
      return context < known || output < (asNumber(field(row, 'outputTokensMax')) ?? 0);
    });
    expect(smaller.map((row) => field(row, 'id'))).toEqual([]);
  });

  it.each([
    [
      'chat',
      'gpt-4o',
      600_000,
      100,
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 150005",
    ],
    ['chat', 'gpt-4o', 100, 20_000, 'max_tokens is too large: 20000. This model supports at most 16384'],
    ['messages', 'claude-haiku-4-5', 900_000, 100, 'prompt is too long: 225005 tokens > 200000 maximum'],
    ['messages', 'claude-haiku-4-5', 100, 70_000, 'max_tokens: 70000 > 64000, which is the maximum allowed'],
    [
      'messages',
      'claude-haiku-4-5',
      700_000,
      60_000,
      'input length and `max_tokens` exceed context limit: 175005 + 60000 > 200000',
    ],
    [
      'generate-content',
      'gemini-2.5-flash',
      5_000_000,
      100,
      'The input token count (1250005) exceeds the maximum',
    ],
  ] as const)(
    'on %s: %s refuses %d characters with max_tokens %d',
    (...[wire, model, length, maxOutputTokens, message]) => {
      const refusal = windowRefusal(wire, model, request(model, length, maxOutputTokens));
      expect(refusal?.message.slice(0, message.length)).toBe(message);
      expect(windowRefusal(wire, model, request(model, 100, 100))).toBeNull();
    },
  );
});

function request(model: string, length: number, maxOutputTokens: number): GenerateRequest {
  const parts = [{ type: 'text' as const, text: 'x'.repeat(length) }];
  return { model, stream: false, messages: [{ role: 'user', parts }], tools: [], maxOutputTokens };
}
