import type { JsonObject } from '../../base/json.ts';

export { decodeCountRequest } from './request-decode.ts';

/** The answer of `POST /v1/messages/count_tokens`. */
export function encodeCount(inputTokens: number): JsonObject {
  return { input_tokens: inputTokens };
}
