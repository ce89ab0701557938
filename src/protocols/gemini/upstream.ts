import type { Upstream } from '../protocol.ts';
import { decodeResult } from './answer-decode.ts';
import { embed } from './embed.ts';
import { decodeError } from './error-decode.ts';
import { modelPath } from './model-name.ts';
import { encodeRequest } from './request-encode.ts';
import { StreamDecoder } from './stream-decode.ts';

/** The side on which we call Google. */
export const upstream: Upstream = {
  path: (model, stream) =>
    stream ? `${modelPath(model, 'streamGenerateContent')}?alt=sse` : modelPath(model, 'generateContent'),
  headers: [],
  encodeRequest,
  decodeResult,
  decodeStream: (target) => new StreamDecoder(target),
  decodeError,
  embed,
};
