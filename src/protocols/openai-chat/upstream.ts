import type { Upstream } from '../protocol.ts';
import { decodeResult } from './answer-decode.ts';
import { upstreamEmbed } from './embed.ts';
import { decodeError } from './error-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { ChatStreamDecoder } from './stream-decode.ts';

/** Chat towards providers, below a base URL that ends in the API's version. */
export const upstream: Upstream = {
  path: () => '/chat/completions',
  headers: [],
  encodeRequest,
  decodeResult,
  decodeStream: (target) => new ChatStreamDecoder(target),
  decodeError,
  embed: upstreamEmbed,
};
