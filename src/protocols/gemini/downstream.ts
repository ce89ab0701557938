import type { Downstream } from '../protocol.ts';
import { encodeResult } from './answer-encode.ts';
import { decodeCountRequest, encodeCount } from './count-tokens.ts';
import { encodeError, encodeStreamError } from './error-encode.ts';
import { decodeRequest } from './request-decode.ts';
import { StreamEncoder } from './stream-encode.ts';

/** The side on which a Gemini client calls us. */
export const downstream: Downstream = {
  decodeRequest,
  encodeResult,
  encodeStream: (context) => new StreamEncoder(context),
  resumeStream: (context, seen) => {
    const encoder = new StreamEncoder(context);
    for (const part of seen) encoder.push(part);
    return encoder;
  },
  encodeError,
  encodeStreamError,
  // Google ends its lines with CR LF (all recorded streams).
  signsReasoning: false,
  frame: (events) => events.map((event) => `data: ${event.data}\r\n\r\n`).join(''),
  countTokens: { decodeRequest: decodeCountRequest, encodeResult: encodeCount },
};
