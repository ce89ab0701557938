import { encodeSse } from '../framing/sse.ts';
import type { Protocol } from '../protocol.ts';
import { decodeCountRequest, encodeCount } from './count-tokens.ts';
import { decodeError } from './error-decode.ts';
import { encodeError, encodeStreamError } from './error-encode.ts';
import { ANTHROPIC_MESSAGES } from './id.ts';
import { passthrough } from './passthrough.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { decodeResult, encodeResult } from './result.ts';
import { MessageStreamDecoder } from './stream-decode.ts';
import { MessageStreamEncoder } from './stream-encode.ts';
import { API_VERSION } from './wire.ts';

/** Anthropic's Messages API, from both sides. */
export const anthropicMessages: Protocol = {
  id: ANTHROPIC_MESSAGES,
  downstream: {
    decodeRequest,
    encodeResult,
    encodeStream: (context) => new MessageStreamEncoder(context),
    encodeError,
    encodeStreamError,
    frame: encodeSse,
    countTokens: { decodeRequest: decodeCountRequest, encodeResult: encodeCount },
  },
  upstream: {
    path: () => '/messages',
    headers: [['anthropic-version', API_VERSION]],
    encodeRequest,
    decodeResult,
    decodeStream: (target) => new MessageStreamDecoder(target),
    decodeError,
  },
  passthrough,
};
