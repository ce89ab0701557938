import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateRequest } from '../protocols/testing/arbitraries.ts';
import type { GenerateRequest, Message, Part } from '../spec/generate.ts';
import { estimateInputTokens } from './estimate.ts';

function request(messages: readonly Message[], special: Partial<GenerateRequest> = {}): GenerateRequest {
  return { model: 'm', stream: false, messages, tools: [], ...special };
}

function said(text: string): Message {
  return { role: 'user', parts: [{ type: 'text', text }] };
}

function ofPart(part: Part): number {
  const empty = estimateInputTokens(request([{ role: 'assistant', parts: [] }]));
  const parts = [part] as Message['parts'];
  return estimateInputTokens(request([{ role: 'assistant', parts } as Message])) - empty;
}

describe('an estimate of input tokens', () => {
  // The counts are those of OpenAI's and Anthropic's published tokenizers, the larger of the two.
  it.each([
    ['Hello, world!', 4],
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['const sum = (a, b) => a + b;', 13],
    ['日本語のテキスト', 8],
    ['Привет, мир!', 6],
  ])('is not below the truth for %j, and not far above it', (text, tokens) => {
    const estimated = estimateInputTokens(request([said(text)]));
    expect(estimated).toBeGreaterThanOrEqual(tokens);
    expect(estimated).toBeLessThanOrEqual(tokens * 2 + 12);
  });

  it.each<[string, Part, number]>([
    [
      'a picture',
      { type: 'media', mediaType: 'image/png', source: { type: 'url', url: 'https://a.example/b' } },
      1_600,
    ],
    [
      'a large document',
      { type: 'media', mediaType: 'application/pdf', source: { type: 'base64', data: 'A'.repeat(120_000) } },
      10_000,
    ],
    [
      'a document that is text',
      { type: 'media', mediaType: 'text/plain', source: { type: 'text', text: 'a'.repeat(33) } },
      10,
    ],
    ['a thought', { type: 'reasoning', text: 'a'.repeat(33) }, 10],
    ['a thought that is not shown', { type: 'reasoning', text: null }, 0],
    ['a call', { type: 'tool-call', id: 'c', name: 'a'.repeat(33), arguments: 'a'.repeat(33) }, 32],
    [
      'a result',
      { type: 'tool-result', callId: 'c', isError: false, parts: [{ type: 'text', text: 'a'.repeat(33) }] },
      15,
    ],
    ['a block of one wire', { type: 'native', origin: 'wire', value: 'a'.repeat(31) }, 10],
  ])('counts %s', (_name, part, tokens) => {
    expect(ofPart(part)).toBeCloseTo(tokens, -1);
  });

  it('counts tools with their schemas', () => {
    const tool = { type: 'function', name: 'get_weather', inputSchema: { type: 'object' } } as const;
    const bare = estimateInputTokens(request([said('Hi')]));
    expect(estimateInputTokens(request([said('Hi')], { tools: [tool] }))).toBeGreaterThan(bare + 20);
  });

  it('is a whole number above 0 and grows with the conversation', () => {
    fc.assert(
      fc.property(generateRequest('wire'), fc.string(), (asked, text) => {
        const estimated = estimateInputTokens(asked);
        expect(Number.isSafeInteger(estimated)).toBe(true);
        const longer = { ...asked, messages: [...asked.messages, said(text)] };
        expect(estimateInputTokens(longer)).toBeGreaterThan(estimated);
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});
