import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { generateResult, SEED } from '../protocols/testing/arbitraries.ts';
import { collect } from '../protocols/testing/collect.ts';
import { contextOf, PLAIN_TARGET } from '../protocols/testing/describe-protocol.ts';
import type { AssistantPart, GenerateResult } from '../spec/generate.ts';
import { UNKNOWN_USAGE } from '../spec/usage.ts';
import { partsOf } from './parts-of.ts';

const WIRES = PROTOCOLS.map((protocol) => [protocol.id, protocol] as const);

function resultOf(parts: readonly AssistantPart[]): GenerateResult {
  return { id: 'x', model: 'm', parts, finish: { reason: 'stop' }, usage: UNKNOWN_USAGE };
}

describe.each(WIRES)('a whole answer of %s as a stream', (origin) => {
  it('keeps to the grammar of streams and says the same', () => {
    fc.assert(
      fc.property(generateResult(origin), (result) => {
        const { result: collected, finish } = collect(partsOf(result));
        expect({ ...collected, finish }).toEqual(result);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('parts that come whole', () => {
  it.each<[string, AssistantPart]>([
    ['a refusal', { type: 'refusal', text: 'No.' }],
    ['a block of one wire', { type: 'native', origin: 'wire', value: { type: 'server_tool_use' } }],
    ['media', { type: 'media', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } }],
    ['state without a thought', { type: 'reasoning', text: null, opaque: { origin: 'wire', value: 's' } }],
    ['a call without arguments', { type: 'tool-call', id: 'c', name: 't', arguments: '' }],
    [
      'a signed call',
      { type: 'tool-call', id: 'c', name: 't', arguments: '{}', opaque: { origin: 'wire', value: 's' } },
    ],
  ])('are streamed: %s', (_name, part) => {
    expect(collect(partsOf(resultOf([part]))).result.parts).toEqual([part]);
  });
});

const CHAT_SOURCE = { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A' } };
const MESSAGES_SOURCE = { type: 'char_location', cited_text: 'x', document_index: 0 };
const GEMINI_SOURCE = { groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }] };

// An answer with two sources, or one object of sources, as each wire writes it.
const ANSWERS: { readonly [protocol: string]: Json } = {
  'openai-chat': {
    id: 'x',
    choices: [
      {
        message: { role: 'assistant', content: 'So.', annotations: [CHAT_SOURCE, CHAT_SOURCE] },
        finish_reason: 'stop',
      },
    ],
  },
  'anthropic-messages': {
    id: 'x',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'So.', citations: [MESSAGES_SOURCE, MESSAGES_SOURCE] }],
    stop_reason: 'end_turn',
  },
  gemini: {
    candidates: [
      { content: { parts: [{ text: 'So.' }] }, finishReason: 'STOP', groundingMetadata: GEMINI_SOURCE },
    ],
  },
};

describe.each(WIRES)('the sources of a text of %s', (id, protocol) => {
  it('are told in the stream as they are in the whole answer', () => {
    const answer = ANSWERS[id];
    if (answer === undefined) throw new Error(`no answer with sources for ${id}`);
    const whole = protocol.upstream.decodeResult(answer, PLAIN_TARGET);
    expect(sourcesInStream(protocol, whole)).toEqual(whole.parts.flatMap(sourcesOf));
    expect(whole.parts.flatMap(sourcesOf)).not.toEqual([]);
  });
});

function sourcesOf(part: AssistantPart): readonly unknown[] {
  return part.type === 'text' && part.citations !== undefined ? [part.citations.value].flat() : [];
}

function sourcesInStream(protocol: Protocol, whole: GenerateResult): readonly unknown[] {
  const encoder = protocol.downstream.encodeStream(contextOf());
  const events = [...partsOf(whole).flatMap((part) => encoder.push(part)), ...encoder.end()];
  const decoder = protocol.upstream.decodeStream(PLAIN_TARGET);
  const parts = [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
  return parts.flatMap((part) => (part.type === 'citation' ? [part.citation.value] : []));
}
