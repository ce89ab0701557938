import type { Upstream } from '../protocol.ts';
import { decodeResult } from './answer-decode.ts';
import { decodeError } from './error-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { MessageStreamDecoder } from './stream-decode.ts';
import { API_VERSION } from './wire.ts';

/** Messages towards providers. */
export const upstream: Upstream = {
  path: () => '/messages',
  headers: [['anthropic-version', API_VERSION]],
  encodeRequest,
  decodeResult,
  decodeStream: (target) => new MessageStreamDecoder(target),
  decodeError,
};
