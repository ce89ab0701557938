import { describe, expect, it } from 'vitest';
import type { Json } from '../../base/json.ts';
import { UNKNOWN_CAPABILITIES } from '../../spec/model.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import type { EncodeTarget } from '../protocol.ts';
import { contextOf } from '../testing/describe-protocol.ts';
import { gemini } from './protocol.ts';

const { upstream } = gemini;

describe('an answer', () => {
  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['MODEL_ARMOR', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'malformed-call'],
    ['MISSING_THOUGHT_SIGNATURE', 'malformed-call'],
    ['SOMETHING_NEW', 'stop'],
    ['constructor', 'stop'],
  ])('that ended with %s ended by %s', (word, reason) => {
    const body = { candidates: [{ finishReason: word }] };
    expect(upstream.decodeResult(body, targetOf('m')).finish).toEqual({ reason, raw: word });
  });

  it('of a blocked prompt is filtered, not broken', () => {
    const body = {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 12, totalTokenCount: 12 },
    };
    const result = upstream.decodeResult(body, targetOf('m'));
    expect(result).toMatchObject({
      parts: [],
      finish: { reason: 'content-filter' },
      usage: { input: 12, output: 0 },
    });
    const pump = upstream.decodeStream(targetOf('m'));
    pump.push({ name: '', data: JSON.stringify(body) });
    expect(pump.end()).toEqual([
      { type: 'finish', finish: { reason: 'content-filter', raw: 'PROHIBITED_CONTENT' } },
    ]);
  });

  it.each([[{}], [[]], ['text'], [null], [{ candidates: [] }]])('is garbled where it is %j', (body) => {
    expect(() => upstream.decodeResult(body, targetOf('m'))).toThrow(
      expect.objectContaining({ kind: 'upstream_garbled' }),
    );
  });

  it('with an error inside throws it', () => {
    const body = { error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } };
    expect(() => upstream.decodeResult(body, targetOf('m'))).toThrow(
      expect.objectContaining({ kind: 'upstream_overloaded' }),
    );
  });

  it('names calls without ids by answer and place, never by name', () => {
    const parts = [
      { functionCall: { name: 'f' } },
      { functionCall: { name: 'f' } },
      { functionCall: { name: 'f', id: 'own' } },
    ];
    const ids = (responseId: string): readonly string[] =>
      upstream
        .decodeResult({ responseId, candidates: [{ content: { parts } }] }, targetOf('m'))
        .parts.map((part) => (part.type === 'tool-call' ? part.id : ''));
    expect(ids('r-1')).toEqual(['gcall_r-1_0', 'gcall_r-1_1', 'own']);
    expect(new Set([...ids('a_b'), ...ids('a.b'), ...ids('ab')]).size).toBe(7);
    expect(ids('a_b').every((id) => /^[a-zA-Z0-9_-]+$/.test(id))).toBe(true);
  });

  it('counts sound, cached and tool tokens in one class each', () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 7,
      candidatesTokenCount: 20,
      thoughtsTokenCount: '5',
      totalTokenCount: 132,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 70 },
        { modality: 'AUDIO', tokenCount: 30 },
      ],
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 10 }],
    };
    const { usage } = upstream.decodeResult({ candidates: [{}], usageMetadata }, targetOf('m'));
    expect(usage).toMatchObject({ input: 47, inputAudio: 20, cacheRead: 40, output: 20, reasoning: 5 });
  });

  it('keeps grounding with the text and counts its searches', () => {
    const groundingMetadata = { webSearchQueries: ['a', 'b'] };
    const body = {
      candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP', groundingMetadata }],
      usageMetadata: { promptTokenCount: 1, totalTokenCount: 2 },
    };
    const result = upstream.decodeResult(body, targetOf('m'));
    expect(result.parts).toMatchObject([{ citations: { origin: 'gemini', value: { groundingMetadata } } }]);
    expect(result.usage.webSearches).toBe(2);
    const streamed = upstream.decodeStream(targetOf('m')).push({ name: '', data: JSON.stringify(body) });
    expect(streamed.map((part) => part.type)).toEqual([
      'start',
      'block-start',
      'text-delta',
      'citation',
      'usage',
    ]);
  });
});

describe('a stream', () => {
  const chunk = (...parts: readonly Json[]): { name: string; data: string } => ({
    name: '',
    data: JSON.stringify({ responseId: 'r', candidates: [{ content: { parts } }] }),
  });

  it('keeps the signature of an image, also towards a client', () => {
    const part = { inlineData: { mimeType: 'image/png', data: 'AA==' }, thoughtSignature: 'c2ln' };
    const parts = upstream.decodeStream(targetOf('m')).push(chunk(part));
    expect(parts.at(-1)).toEqual({
      type: 'block-end',
      index: 0,
      opaque: { origin: 'gemini', value: 'c2ln' },
    });
    const pump = gemini.downstream.encodeStream(contextOf());
    const [event] = parts.flatMap((one) => [...pump.push(one)]);
    expect(JSON.parse(event!.data).candidates[0].content.parts).toEqual([part]);
  });

  it('puts a call together whose arguments come in pieces', () => {
    const pump = upstream.decodeStream(targetOf('m'));
    const pieces = [
      { functionCall: { name: 'f', willContinue: true }, thoughtSignature: 'c2ln' },
      {
        functionCall: {
          partialArgs: [{ jsonPath: '$.a', stringValue: 'x', willContinue: true }],
          willContinue: true,
        },
      },
      { functionCall: { partialArgs: [{ jsonPath: '$.a', stringValue: 'y' }], willContinue: true } },
      { functionCall: {} },
      { functionCall: { name: 'g', args: {} } },
    ];
    const parts = pieces.flatMap((piece) => [...pump.push(chunk(piece))]);
    expect(parts).toEqual([
      { type: 'start', id: 'r', model: null },
      {
        type: 'block-start',
        index: 0,
        block: { type: 'tool-call', id: 'gcall_r_0', name: 'f', opaque: { origin: 'gemini', value: 'c2ln' } },
      },
      { type: 'tool-input-delta', index: 0, text: '{"a":"xy"}' },
      { type: 'block-end', index: 0, opaque: { origin: 'gemini', value: 'c2ln' } },
      { type: 'block-start', index: 1, block: { type: 'tool-call', id: 'gcall_r_1', name: 'g' } },
      { type: 'tool-input-delta', index: 1, text: '{}' },
      { type: 'block-end', index: 1 },
    ]);
    expect(pump.end()).toEqual([]);
  });

  it('waits for its end, since a finish reason may stand on every event', () => {
    const pump = upstream.decodeStream(targetOf('m'));
    const event = (text: string): Json => ({
      candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }],
    });
    const parts = ['One', ' two'].flatMap((text) => [
      ...pump.push({ name: '', data: JSON.stringify(event(text)) }),
    ]);
    expect([...parts, ...pump.end()].map((part) => part.type)).toEqual([
      'start',
      'block-start',
      'text-delta',
      'text-delta',
      'block-end',
      'finish',
    ]);
  });

  it('ends with the error that it carries and says nothing after it', () => {
    const pump = upstream.decodeStream(targetOf('m'));
    const error = { error: { code: 503, message: 'Overloaded.', status: 'UNAVAILABLE' } };
    expect(pump.push({ name: '', data: JSON.stringify(error) })).toEqual([
      { type: 'error', kind: 'upstream_overloaded', message: 'Overloaded.' },
    ]);
    expect(pump.push(chunk({ text: 'late' }))).toEqual([]);
    expect(pump.end()).toEqual([]);
  });
});

describe('embeddings', () => {
  it('ask for all texts at once and refuse lists of tokens', () => {
    const request = { model: 'e', input: ['a', 'b'], encoding: 'float' as const, dimensions: 8 };
    const target = targetOf('gemini-embedding-001');
    const one = { model: 'models/gemini-embedding-001', outputDimensionality: 8 };
    expect(upstream.embed!.path('gemini-embedding-001')).toBe(
      '/models/gemini-embedding-001:batchEmbedContents',
    );
    expect(upstream.embed!.encodeRequest(request, target).body).toEqual({
      requests: [
        { ...one, content: { parts: [{ text: 'a' }] } },
        { ...one, content: { parts: [{ text: 'b' }] } },
      ],
    });
    expect(() => upstream.embed!.encodeRequest({ ...request, input: [[1, 2]] }, target)).toThrow(
      /lists of tokens/,
    );
    expect(() => upstream.embed!.decodeResult({})).toThrow(/without embeddings/);
  });
});

function targetOf(model: string): EncodeTarget {
  return { model, capabilities: UNKNOWN_CAPABILITIES, quirks: NO_QUIRKS };
}
