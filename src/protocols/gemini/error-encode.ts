import type { Json, JsonObject } from '../../base/json.ts';
import type { ErrorKind, GatewayError } from '../../spec/error.ts';
import type { Headers, WireError, WireEvent } from '../../spec/wire.ts';
import type { GoogleStatus } from './wire.ts';

/** An error in Google's envelope. */
export function encodeError(error: GatewayError, requestId: string): WireError {
  const waitMs = error.detail.retryAfterMs;
  const headers: Headers = waitMs === undefined ? [] : [['retry-after', String(Math.ceil(waitMs / 1000))]];
  return { status: error.rule.status, headers, body: envelopeOf(error, requestId) };
}

/** The same as the last event of a stream. */
export function encodeStreamError(error: GatewayError, requestId: string): readonly WireEvent[] {
  return [{ name: '', data: JSON.stringify(envelopeOf(error, requestId)) }];
}

/** The body of an error, also as the last event of a stream. */
export function envelopeOf(error: GatewayError, requestId: string): JsonObject {
  const { retryAfterMs: waitMs, providerMessage } = error.detail;
  const told = error.rule.tellsProviderText ? providerMessage : undefined;
  const reason = error.detail.code ?? error.kind;
  const details: Json[] = [
    {
      '@type': `${TYPES}ErrorInfo`,
      reason: reason.toUpperCase(),
      domain: 'bellwether',
      metadata: { request_id: requestId },
    },
  ];
  if (error.detail.field !== undefined) {
    const violation = { field: error.detail.field, description: error.message };
    details.push({ '@type': `${TYPES}BadRequest`, fieldViolations: [violation] });
  }
  if (waitMs !== undefined) details.push({ '@type': `${TYPES}RetryInfo`, retryDelay: `${waitMs / 1000}s` });
  const message = told === undefined ? error.message : `${error.message} ${told}`;
  return { error: { code: error.rule.status, message, status: STATUS_OF[error.kind], details } };
}

const TYPES = 'type.googleapis.com/google.rpc.';

const STATUS_OF: { readonly [kind in ErrorKind]: GoogleStatus } = {
  invalid_request: 'INVALID_ARGUMENT',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'PERMISSION_DENIED',
  not_found: 'NOT_FOUND',
  model_not_found: 'NOT_FOUND',
  method_not_allowed: 'UNIMPLEMENTED',
  request_timeout: 'DEADLINE_EXCEEDED',
  conflict: 'ABORTED',
  idempotency_mismatch: 'FAILED_PRECONDITION',
  payload_too_large: 'INVALID_ARGUMENT',
  unsupported_media_type: 'INVALID_ARGUMENT',
  unsupported: 'INVALID_ARGUMENT',
  rate_limited: 'RESOURCE_EXHAUSTED',
  concurrency_limited: 'RESOURCE_EXHAUSTED',
  budget_exceeded: 'FAILED_PRECONDITION',
  guard_blocked: 'FAILED_PRECONDITION',
  no_target: 'UNAVAILABLE',
  deadline_exceeded: 'DEADLINE_EXCEEDED',
  client_closed: 'CANCELLED',
  shutting_down: 'UNAVAILABLE',
  store_unavailable: 'UNAVAILABLE',
  internal: 'INTERNAL',
  context_too_long: 'INVALID_ARGUMENT',
  content_filtered: 'INVALID_ARGUMENT',
  upstream_rate_limited: 'RESOURCE_EXHAUSTED',
  upstream_quota_exhausted: 'UNAVAILABLE',
  upstream_misconfigured: 'UNAVAILABLE',
  upstream_model_missing: 'UNAVAILABLE',
  upstream_overloaded: 'UNAVAILABLE',
  upstream_unavailable: 'UNAVAILABLE',
  upstream_timeout: 'DEADLINE_EXCEEDED',
  upstream_rejected: 'UNAVAILABLE',
  upstream_broken_off: 'UNAVAILABLE',
  upstream_garbled: 'UNAVAILABLE',
  hedge_lost: 'CANCELLED',
  upstream_empty: 'UNAVAILABLE',
  upstream_diverged: 'UNAVAILABLE',
  overloaded: 'UNAVAILABLE',
};
