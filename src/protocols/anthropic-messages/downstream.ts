import { encodeSse } from '../framing/sse.ts';
import type { Downstream } from '../protocol.ts';
import { encodeResult } from './answer-encode.ts';
import { decodeCountRequest, encodeCount } from './count-tokens.ts';
import { encodeError, encodeStreamError } from './error-encode.ts';
import { decodeRequest } from './request-decode.ts';
import { MessageStreamEncoder } from './stream-encode.ts';

/** Messages towards our clients. */
export const downstream: Downstream = {
  decodeRequest,
  encodeResult,
  encodeStream: (context) => new MessageStreamEncoder(context),
  resumeStream: (context, seen) => {
    const encoder = new MessageStreamEncoder(context);
    encoder.adopt(seen);
    return encoder;
  },
  encodeError,
  encodeStreamError,
  signsReasoning: true,
  frame: encodeSse,
  countTokens: { decodeRequest: decodeCountRequest, encodeResult: encodeCount },
};
