import { expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { inputTotal } from '../../src/spec/usage.ts';
import { describeShared } from '../shared.ts';
import { at, countAt, listAt, type Value } from './oracle/reading.ts';
import { recordingsOf, type Recording } from './recordings.ts';
import { targetOf } from './replay.ts';
import { WIRES, type Wire } from './wires.ts';

/** Recorder's name of embedding calls, the wire whose codec reads them, and where vectors and the count stand. */
const KINDS = [
  {
    api: 'embeddings',
    wire: 'chat',
    vectors: (body: Value) => listAt(body, 'data').map((item) => numbersOf(at(item, 'embedding'))),
    tokens: (body: Value) =>
      countAt(body, 'usage', 'prompt_tokens') || countAt(body, 'usage', 'total_tokens'),
    // Cohere and Ollama have shapes of their own; the local server answers in 64-bit floats, which nothing in its answer tells.
    speaks: (recording: Recording) => !['cohere', 'ollama', 'local'].includes(recording.provider),
  },
  {
    api: 'embed-content',
    wire: 'generate-content',
    vectors: (body: Value) => listAt(body, 'embeddings').map((item) => listAt(item, 'values')),
    tokens: (body: Value) => countAt(body, 'usageMetadata', 'promptTokenCount'),
    // Only the batch method is called; Vertex has shapes of its own.
    speaks: (recording: Recording) => recording.provider === 'gemini',
  },
] as const;

describeShared('recorded embeddings', () => {
  const cases = KINDS.flatMap((kind) =>
    recordingsOf(kind.api)
      .filter((recording) => recording.status === 200 && kind.speaks(recording))
      .map((recording) => ({ id: recording.id, kind, recording })),
  );

  it.each(cases)('are read exactly: $id', ({ kind, recording }) => {
    const body = recording.answer.type === 'body' ? recording.answer.body : null;
    const { upstream } = wireOf(kind.wire).protocol;
    const result = upstream.embed!.decodeResult(body as Json);
    expect(result.vectors).toEqual(kind.vectors(body));
    expect(inputTotal(result.usage) ?? 0).toBe(kind.tokens(body));
    expect(upstream.embed!.path(targetOf(wireOf(kind.wire).protocol, recording).model)).toMatch(/^\//);
  });

  it('were found', () => {
    expect(cases.length).toBeGreaterThan(10);
  });
});

function wireOf(api: string): Wire {
  return WIRES.find((wire) => wire.api === api)!;
}

// A vector is a list of numbers, or base64 of 32-bit floats with the lowest byte first.
function numbersOf(embedding: Value | undefined): readonly Value[] {
  if (typeof embedding !== 'string') return listAt(embedding);
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
