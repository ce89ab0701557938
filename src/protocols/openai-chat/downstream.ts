import { encodeSse } from '../framing/sse.ts';
import type { Downstream } from '../protocol.ts';
import { encodeResult } from './answer-encode.ts';
import { downstreamEmbed } from './embed.ts';
import { encodeError, encodeStreamError } from './error-encode.ts';
import { decodeRequest } from './request-decode.ts';
import { ChatStreamEncoder } from './stream-encode.ts';

/** Chat towards our clients. */
export const downstream: Downstream = {
  decodeRequest,
  encodeResult,
  encodeStream: (context) => new ChatStreamEncoder(context),
  resumeStream: (context, seen) => {
    const encoder = new ChatStreamEncoder(context);
    for (const part of seen) encoder.push(part);
    return encoder;
  },
  encodeError,
  encodeStreamError,
  signsReasoning: false,
  frame: encodeSse,
  embed: downstreamEmbed,
};
