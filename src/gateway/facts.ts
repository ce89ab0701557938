import type { Bytes } from '../base/bytes.ts';
import { scalarField, type TopLevel } from '../base/json-scan.ts';
import type { Concerns } from '../routing/eligible.ts';
import type { RequestFacts } from '../routing/facts.ts';
import type { GenerateRequest, MediaPart, Part } from '../spec/generate.ts';

/** Bytes of JSON per token at the most: a prompt of so many bytes has at least bytes / 6 tokens. */
export const BYTES_PER_TOKEN_MAX = 6;
/** Characters per token on average, for estimates that should be near the truth. */
export const CHARS_PER_TOKEN = 4;

/**
 * What a request needs, as far as it concerns the targets, read off its bytes without decoding it. A word in it may make a
 * false yes, never a false no, so a plan made of it that passes targets over is made again from `exactFacts`.
 */
export function sketchFacts(top: TopLevel, protocol: string, concerns: Concerns): RequestFacts {
  const { source, spans } = top;
  return {
    inputTokens: exceeds(source, concerns.window) ? Math.ceil(source.length / BYTES_PER_TOKEN_MAX) : 0,
    tools: concerns.tools && (spans.has('tools') || spans.has('functions')),
    image: concerns.image && source.includes('image'),
    pdf: concerns.pdf && mayHold(source, ['pdf', 'document', '"file']),
    audio: concerns.audio && source.includes('audio'),
    video: concerns.video && source.includes('video'),
    jsonSchema: concerns.jsonSchema && FORMAT_FIELDS.some((name) => spans.has(name)),
    manyCandidates: spans.has('n') && scalarField(top, 'n') !== 1,
    protocol,
  };
}

/** Fields in which the wires ask for an answer of some form. */
const FORMAT_FIELDS = ['response_format', 'output_config', 'generationConfig'];

function mayHold(source: Bytes, words: readonly string[]): boolean {
  return words.some((word) => source.includes(word));
}

function exceeds(source: Bytes, window: number | null): boolean {
  return window !== null && source.length > window * BYTES_PER_TOKEN_MAX;
}

/** What a decoded request needs. */
export function exactFacts(request: GenerateRequest, body: Bytes, protocol: string): RequestFacts {
  const media = request.messages.flatMap((message) => message.parts.flatMap(mediaIn));
  const mediaBytes = media.reduce(
    (sum, part) => sum + (part.source.type === 'base64' ? part.source.data.length : 0),
    0,
  );
  const has = (prefix: string): boolean => media.some((part) => part.mediaType.startsWith(prefix));
  return {
    inputTokens: Math.max(0, Math.ceil((body.length - mediaBytes) / BYTES_PER_TOKEN_MAX)),
    tools: request.tools.length > 0,
    image: has('image/'),
    pdf: has('application/pdf'),
    audio: has('audio/'),
    video: has('video/'),
    jsonSchema: request.output?.type === 'json-schema',
    manyCandidates: (request.candidates ?? 1) > 1,
    protocol,
  };
}

function mediaIn(part: Part): readonly MediaPart[] {
  if (part.type === 'media') return [part];
  return part.type === 'tool-result'
    ? part.parts.flatMap((inner) => (inner.type === 'media' ? [inner] : []))
    : [];
}
