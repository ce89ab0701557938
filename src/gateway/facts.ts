import type { Bytes } from '../base/bytes.ts';
import { scalarField, type TopLevel } from '../base/json-scan.ts';
import type { RequestFacts } from '../routing/facts.ts';
import type { GenerateRequest, MediaPart, Part } from '../spec/generate.ts';

/** Bytes of JSON per token at the most: a prompt of so many bytes has at least bytes / 6 tokens. */
const BYTES_PER_TOKEN_MAX = 6;
/** Characters per token on average, for estimates that should be near the truth. */
export const CHARS_PER_TOKEN = 4;

/**
 * What a request needs, read off its bytes without decoding it. Where a word in it could mean media or a schema the
 * answer may be a false yes, so a plan made of it that passes targets over is made again from `exactFacts`.
 */
export function sketchFacts(top: TopLevel, protocol: string): RequestFacts {
  const { source } = top;
  const image = source.includes('image');
  const media = image || source.includes('document') || source.includes('"file') || source.includes('audio');
  return {
    // Media may be most of the bytes and is not counted like text.
    inputTokens: media ? 0 : lowEstimate(source),
    outputTokensMax: null,
    tools: top.spans.has('tools') || top.spans.has('functions'),
    image,
    pdf: media && source.includes('pdf'),
    audio: source.includes('audio'),
    video: source.includes('video'),
    jsonSchema:
      source.includes('json_schema') || source.includes('JsonSchema') || source.includes('responseSchema'),
    manyCandidates: (scalarField(top, 'n') ?? 1) !== 1 || source.includes('candidateCount'),
    protocol,
  };
}

/** The facts of a request that needs nothing special. */
export function undemandingFacts(protocol: string): RequestFacts {
  return {
    inputTokens: 0,
    outputTokensMax: null,
    tools: false,
    image: false,
    pdf: false,
    audio: false,
    video: false,
    jsonSchema: false,
    manyCandidates: false,
    protocol,
  };
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
    outputTokensMax: request.maxOutputTokens ?? null,
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

function lowEstimate(body: Bytes): number {
  return Math.ceil(body.length / BYTES_PER_TOKEN_MAX);
}

function mediaIn(part: Part): readonly MediaPart[] {
  if (part.type === 'media') return [part];
  return part.type === 'tool-result'
    ? part.parts.flatMap((inner) => (inner.type === 'media' ? [inner] : []))
    : [];
}
