import type { Json } from '../../base/json.ts';
import type { ErrorKind, GatewayError } from '../../spec/error.ts';
import type { Headers, WireError, WireEvent } from '../../spec/wire.ts';

/** An error in OpenAI's envelope. */
export function encodeError(error: GatewayError): WireError {
  return {
    status: error.rule.status,
    headers: retryHeaders(error.detail.retryAfterMs),
    body: envelope(error),
  };
}

/** The same inside a stream, where clients throw it as they throw an error status. */
export function encodeStreamError(error: GatewayError): readonly WireEvent[] {
  return [{ name: '', data: JSON.stringify(envelope(error)) }];
}

/** The error object for a kind and a message, for errors that come as parts of a stream. */
export function errorObject(kind: ErrorKind, message: string): Json {
  const [type, code] = ENVELOPES[kind];
  return { error: { message, type, param: null, code } };
}

/** OpenAI's `type` and `code` for every kind. */
const ENVELOPES: { readonly [kind in ErrorKind]: readonly [type: string, code: string | null] } = {
  invalid_request: ['invalid_request_error', null],
  unauthenticated: ['invalid_request_error', 'invalid_api_key'],
  forbidden: ['permission_error', 'forbidden'],
  not_found: ['invalid_request_error', 'not_found'],
  model_not_found: ['invalid_request_error', 'model_not_found'],
  method_not_allowed: ['invalid_request_error', 'method_not_allowed'],
  request_timeout: ['invalid_request_error', 'request_timeout'],
  conflict: ['invalid_request_error', 'conflict'],
  idempotency_mismatch: ['invalid_request_error', 'idempotency_mismatch'],
  payload_too_large: ['invalid_request_error', 'payload_too_large'],
  unsupported_media_type: ['invalid_request_error', 'unsupported_media_type'],
  unsupported: ['invalid_request_error', 'unsupported_parameter'],
  rate_limited: ['rate_limit_error', 'rate_limit_exceeded'],
  concurrency_limited: ['rate_limit_error', 'concurrency_limit_exceeded'],
  budget_exceeded: ['insufficient_quota', 'budget_exceeded'],
  guard_blocked: ['invalid_request_error', 'content_policy_violation'],
  no_target: ['server_error', 'no_target'],
  deadline_exceeded: ['server_error', 'deadline_exceeded'],
  client_closed: ['server_error', 'client_closed'],
  shutting_down: ['server_error', 'shutting_down'],
  store_unavailable: ['server_error', 'store_unavailable'],
  internal: ['server_error', 'internal_error'],
  context_too_long: ['invalid_request_error', 'context_length_exceeded'],
  content_filtered: ['invalid_request_error', 'content_filter'],
  upstream_rate_limited: ['rate_limit_error', 'rate_limit_exceeded'],
  upstream_quota_exhausted: ['server_error', 'upstream_quota_exhausted'],
  upstream_misconfigured: ['server_error', 'upstream_misconfigured'],
  upstream_model_missing: ['server_error', 'upstream_model_missing'],
  upstream_overloaded: ['server_error', 'upstream_overloaded'],
  upstream_unavailable: ['server_error', 'upstream_unavailable'],
  upstream_timeout: ['server_error', 'upstream_timeout'],
  upstream_rejected: ['server_error', 'upstream_rejected'],
  upstream_broken_off: ['server_error', 'upstream_broken_off'],
  upstream_garbled: ['server_error', 'upstream_garbled'],
  hedge_lost: ['server_error', 'hedge_lost'],
  upstream_empty: ['server_error', 'upstream_empty'],
  upstream_diverged: ['server_error', 'upstream_diverged'],
  overloaded: ['server_error', 'overloaded'],
};

function envelope(error: GatewayError): Json {
  const { detail, kind } = error;
  const [type, code] = ENVELOPES[kind];
  const own = kind === 'invalid_request' || kind === 'unsupported' || kind === 'model_not_found';
  return {
    error: {
      message: messageOf(error),
      type,
      param: detail.field ?? null,
      code: own ? (detail.code ?? code) : code,
    },
  };
}

// Clients read the sizes of an overflow out of OpenAI's own sentence; it is said in these words where the sizes are known.
function messageOf({ kind, message, detail, rule }: GatewayError): string {
  const { tokens, tokensMax } = detail;
  const said = message.includes('maximum context length') || kind !== 'context_too_long';
  const sizes =
    !said && tokens !== undefined && tokensMax !== undefined
      ? ` This model's maximum context length is ${tokensMax} tokens. However, your messages resulted in ${tokens} tokens.`
      : '';
  const words = rule.tellsProviderText ? (detail.providerMessage ?? '') : '';
  const heard = words === '' || message.includes(words) ? '' : ` ${words}`;
  return `${message}${heard}${sizes}`;
}

function retryHeaders(retryAfterMs: number | undefined): Headers {
  if (retryAfterMs === undefined) return [];
  return [
    ['retry-after', String(Math.ceil(retryAfterMs / 1000))],
    ['retry-after-ms', String(Math.ceil(retryAfterMs))],
  ];
}
