import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_QUIRKS } from '../../spec/provider.ts';
import { PLAIN_TARGET } from '../testing/describe-protocol.ts';
import { SEED } from '../testing/arbitraries.ts';
import { base64ToFloats, floatsToBase64 } from './base64-floats.ts';
import { decodeEmbedRequest, encodeEmbedResult, upstreamEmbed } from './embed.ts';

describe('embeddings', () => {
  it('write vectors as base64 as other software does', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { maxLength: 20 }), (vector) => {
        const expected = Buffer.from(new Float32Array(vector).buffer).toString('base64');
        expect(floatsToBase64(vector)).toBe(expected);
        expect(base64ToFloats(expected)).toEqual(vector);
      }),
      { seed: SEED },
    );
  });

  it('refuse base64 that holds no floats', () => {
    expect(['AAA', 'AAAA', '####'].map(base64ToFloats)).toEqual([null, null, null]);
  });

  it.each<readonly [input: unknown, expected: unknown]>([
    ['a', ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[1, 2], [[1, 2]]],
    [
      [[1], [2, 3]],
      [[1], [2, 3]],
    ],
  ])('take the input %j', (input, expected) => {
    const body = { model: 'm', input, encoding_format: 'base64', dimensions: 3, user: null } as never;
    expect(decodeEmbedRequest(body)).toEqual({
      model: 'm',
      input: expected,
      encoding: 'base64',
      dimensions: 3,
    });
  });

  it.each([
    ['input', { model: 'm' }],
    ['input', { model: 'm', input: [] }],
    ['input[1]', { model: 'm', input: ['a', 1] }],
    ['input[0]', { model: 'm', input: [[]] }],
    ['model', { input: 'a' }],
    ['encoding_format', { model: 'm', input: 'a', encoding_format: 'hex' }],
    ['dimensions', { model: 'm', input: 'a', dimensions: 0 }],
  ])('name the field %s', (path, body) => {
    expect(() => decodeEmbedRequest(body as never)).toThrow(path);
  });

  it('drop what a provider refuses, and say so', () => {
    const target = {
      ...PLAIN_TARGET,
      quirks: { ...NO_QUIRKS, refusedFields: ['dimensions', 'encoding_format'] },
    };
    const request = { model: 'm', input: ['a'], encoding: 'float' as const, dimensions: 3 };
    expect(upstreamEmbed.encodeRequest(request, target)).toEqual({
      body: { model: 'upstream-model', input: ['a'] },
      warnings: [{ code: 'dropped', field: 'dimensions', message: expect.any(String) }],
    });
  });

  it('put vectors back into their order and into the form that was asked for', () => {
    const body = {
      data: [
        { index: 1, embedding: [0.5, 2] },
        { index: 0, embedding: floatsToBase64([1, -1]) },
      ],
      model: 'up',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    };
    const result = upstreamEmbed.decodeResult(body);
    expect(result.vectors).toEqual([
      [1, -1],
      [0.5, 2],
    ]);
    const encoded = encodeEmbedResult(result, { model: 'm', input: ['a', 'b'], encoding: 'base64' });
    expect(encoded).toMatchObject({
      object: 'list',
      model: 'm',
      data: [{ index: 0, embedding: floatsToBase64([1, -1]) }, { index: 1 }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  it.each([
    [{ error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } }, 'upstream_misconfigured'],
    [{ data: [] }, 'upstream_garbled'],
    [{ data: [{ embedding: {} }] }, 'upstream_garbled'],
  ])('understand that %j is no answer', (body, kind) => {
    expect(() => upstreamEmbed.decodeResult(body as never)).toThrow(expect.objectContaining({ kind }));
  });
});
