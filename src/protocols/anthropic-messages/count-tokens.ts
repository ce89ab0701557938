import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { GenerateRequest } from '../../spec/generate.ts';
import { decodeConversation } from './request-decode.ts';
import { blameClient } from './wire.ts';

/** Makes the request of a body of `POST /v1/messages/count_tokens`: as for a message, without a limit and never streamed. */
export function decodeCountRequest(body: Json): GenerateRequest {
  if (!isObject(body)) throw blameClient('body', 'Input should be an object');
  return { ...decodeConversation(body, {}), stream: false };
}

/** The answer of `POST /v1/messages/count_tokens`. */
export function encodeCount(inputTokens: number): JsonObject {
  return { input_tokens: inputTokens };
}
