import { compact, type Json } from '../../base/json.ts';
import { ruleOf, type ErrorKind, type GatewayError } from '../../spec/error.ts';
import type { WireError, WireEvent } from '../../spec/wire.ts';

/** The API's error type for each kind; clients choose their exception by status and this word. */
const ERROR_TYPES = {
  invalid_request: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  not_found: 'not_found_error',
  model_not_found: 'not_found_error',
  method_not_allowed: 'invalid_request_error',
  request_timeout: 'timeout_error',
  conflict: 'invalid_request_error',
  idempotency_mismatch: 'invalid_request_error',
  payload_too_large: 'request_too_large',
  unsupported_media_type: 'invalid_request_error',
  unsupported: 'invalid_request_error',
  rate_limited: 'rate_limit_error',
  concurrency_limited: 'rate_limit_error',
  budget_exceeded: 'billing_error',
  guard_blocked: 'invalid_request_error',
  no_target: 'overloaded_error',
  deadline_exceeded: 'timeout_error',
  client_closed: 'api_error',
  shutting_down: 'overloaded_error',
  store_unavailable: 'overloaded_error',
  internal: 'api_error',
  context_too_long: 'invalid_request_error',
  content_filtered: 'invalid_request_error',
  upstream_rate_limited: 'rate_limit_error',
  upstream_quota_exhausted: 'overloaded_error',
  upstream_misconfigured: 'api_error',
  upstream_model_missing: 'api_error',
  upstream_overloaded: 'overloaded_error',
  upstream_unavailable: 'api_error',
  upstream_timeout: 'timeout_error',
  upstream_rejected: 'api_error',
  upstream_broken_off: 'api_error',
  upstream_garbled: 'api_error',
  hedge_lost: 'api_error',
  upstream_empty: 'api_error',
  upstream_diverged: 'api_error',
  overloaded: 'overloaded_error',
} as const satisfies Record<ErrorKind, string>;

/** An error as an answer of this API. */
export function encodeError(error: GatewayError, requestId: string): WireError {
  const { retryAfterMs } = error.detail;
  return {
    status: ruleOf(error.kind).status,
    headers: [
      ['request-id', requestId],
      ...(retryAfterMs === undefined
        ? []
        : ([['retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))]] as const)),
    ],
    body: envelope(error, requestId),
  };
}

/** An error in the middle of a stream: the `error` event, after which nothing follows. */
export function encodeStreamError(error: GatewayError, requestId: string): readonly WireEvent[] {
  return [{ name: 'error', data: JSON.stringify(envelope(error, requestId)) }];
}

function envelope(error: GatewayError, requestId: string): Json {
  const { code } = error.detail;
  return {
    type: 'error',
    error: compact({
      type: ERROR_TYPES[error.kind],
      message: messageOf(error),
      details: code === undefined ? undefined : { error_code: code },
    }),
    request_id: requestId,
  };
}

function messageOf(error: GatewayError): string {
  const { detail } = error;
  const told = ruleOf(error.kind).tellsProviderText ? detail.providerMessage : undefined;
  if (error.kind === 'context_too_long') return contextMessage(error, told ?? error.message);
  const message = told ?? error.message;
  if (detail.field === undefined || message.startsWith(detail.field)) return message;
  return `${detail.field}: ${message}`;
}

// Claude Code compacts the conversation when it reads one of these two wordings, and only then (claude-code-router #1799).
function contextMessage(error: GatewayError, told: string): string {
  if (/prompt is too long: \d+ tokens > \d+ maximum|exceed context limit: \d+ \+ \d+ > \d+/.test(told))
    return told;
  const { tokens, tokensMax } = error.detail;
  if (tokens !== undefined && tokensMax !== undefined) {
    return `prompt is too long: ${tokens} tokens > ${tokensMax} maximum`;
  }
  return told.startsWith('prompt is too long') ? told : `prompt is too long: ${told}`;
}
