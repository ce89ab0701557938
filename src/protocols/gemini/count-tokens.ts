import { compact, field, isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest } from '../../spec/generate.ts';
import type { EncodedRequest, EncodeTarget, RequestPath } from '../protocol.ts';
import { modelResource } from './model-name.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { camelKeys, countOf } from './wire.ts';

/** The question how many tokens a request would take, tools and system prompt included. */
export function encodeCountTokens(request: GenerateRequest, target: EncodeTarget): EncodedRequest {
  const { body, warnings } = encodeRequest(request, target);
  const generateContentRequest: JsonObject = {
    model: modelResource(target.model),
    ...(isObject(body) ? body : {}),
  };
  return { body: { generateContentRequest }, warnings };
}

/** The count in a provider's answer; null where there is none. */
export function decodeCountTokens(body: Json): number | null {
  return countOf(field(body, 'totalTokens')) ?? null;
}

/** The request whose tokens a client wants counted: a whole one, or `contents` alone. */
export function decodeCountRequest(body: Json, path: RequestPath): GenerateRequest {
  const outer = isObject(body) ? camelKeys(body) : {};
  return decodeRequest(outer['generateContentRequest'] ?? compact({ contents: outer['contents'] }), path);
}

/** The answer to a client's question for tokens. */
export function encodeCount(tokens: number): Json {
  return { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] };
}
