import { textToBytes } from '../base/bytes.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { compact } from '../base/json.ts';
import type { Headers } from '../spec/wire.ts';
import { idFrom } from './answer/dice.ts';
import type { AnswerScript } from './script.ts';
import type { WireName } from './settings.ts';

/** Why a provider refuses a request, with what each wire's envelope wants to say about it. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** The error's type or status word; where it is missing the wire's usual word for the HTTP status stands. */
  readonly type?: string;
  /** OpenAI's machine-readable code. */
  readonly code?: string;
  /** OpenAI's name of the wrong parameter. */
  readonly param?: string;
  /** Google's and Anthropic's further details. */
  readonly details?: Json;
  readonly headers?: Headers;
}

/** The body of a refusal in the envelope of its wire (the providers' error pages; forms as recorded from them). */
export function envelope(wire: WireName, refusal: Refusal, requestId: string): JsonObject {
  return ENVELOPES[wire](refusal, requestId);
}

/** The whole answer that carries a refusal. */
export function refuse(wire: WireName, refusal: Refusal, requestSeed: string): AnswerScript {
  const requestId = `req_${idFrom(requestSeed, 24)}`;
  const body = JSON.stringify(envelope(wire, refusal, requestId));
  return {
    type: 'answer',
    headDelayMs: 0,
    status: refusal.status,
    headers: [
      ['content-type', 'application/json; charset=utf-8'],
      [REQUEST_ID_HEADERS[wire], requestId],
      ...(refusal.headers ?? []),
    ],
    pieces: [{ delayMs: 0, bytes: textToBytes(body) }],
    ending: 'whole',
  };
}

/** The header under which each wire's owner tells the request's id. */
export const REQUEST_ID_HEADERS: { readonly [wire in WireName]: string } = {
  chat: 'x-request-id',
  messages: 'request-id',
  'generate-content': 'x-goog-request-id',
};

const ENVELOPES: { readonly [wire in WireName]: (refusal: Refusal, requestId: string) => JsonObject } = {
  chat: (refusal) => ({
    error: {
      message: refusal.message,
      type: refusal.type ?? wordOf(refusal.status, CHAT_TYPES, 'invalid_request_error'),
      param: refusal.param ?? null,
      code: refusal.code ?? null,
    },
  }),
  messages: (refusal, requestId) => ({
    type: 'error',
    error: compact({
      type: refusal.type ?? wordOf(refusal.status, MESSAGES_TYPES, 'invalid_request_error'),
      message: refusal.message,
      details: refusal.details,
    }),
    request_id: requestId,
  }),
  'generate-content': (refusal) => ({
    error: compact({
      code: refusal.status,
      message: refusal.message,
      status: refusal.type ?? wordOf(refusal.status, GOOGLE_STATUS, 'INVALID_ARGUMENT'),
      details: refusal.details,
    }),
  }),
};

function wordOf(status: number, words: { readonly [status: number]: string }, otherwise: string): string {
  return words[status] ?? otherwise;
}

const CHAT_TYPES = {
  429: 'requests',
  500: 'server_error',
  503: 'server_error',
  504: 'server_error',
} as const;

// The error types of docs.claude.com/en/api/errors.
const MESSAGES_TYPES = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
} as const;

// google.rpc.Code by HTTP status.
const GOOGLE_STATUS = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
} as const;
