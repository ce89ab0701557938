import { bytesToText, type Bytes } from '../../base/bytes.ts';
import {
  asArray,
  asNumber,
  asString,
  compact,
  field,
  fieldAt,
  isArray,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { ErrorKind } from '../../spec/error.ts';
import type { Headers } from '../../spec/wire.ts';
import { contextOverflow } from '../context-overflow.ts';
import type { ProviderFailure } from '../protocol.ts';
import { durationMs, retryAfterInText, retryAfterMs } from '../retry-after.ts';
import { scrub } from '../scrub.ts';
import type { GoogleStatus } from './wire.ts';

/** Understands a refusal: by the reasons in its details, then by wording where only that tells, then by status. Never throws. */
export function decodeError(status: number, headers: Headers, body: Bytes): ProviderFailure {
  const text = bytesToText(body);
  const error = errorOf(parseJsonOr(text, null));
  const failure = error === null ? plainFailure(status, text) : failureOf(error, status);
  return { ...failure, retryAfterMs: retryAfterMs(headers, null) ?? failure.retryAfterMs };
}

/** The error inside a body or a stream event that came with status 200; null where there is none. */
export function errorInside(json: Json | undefined): ProviderFailure | null {
  const error = errorOf(json ?? null);
  return error === null ? null : failureOf(error, asNumber(error['code']) ?? 500);
}

const KIND_OF: { readonly [status in GoogleStatus]: ErrorKind } = {
  CANCELLED: 'upstream_unavailable',
  UNKNOWN: 'upstream_unavailable',
  INVALID_ARGUMENT: 'invalid_request',
  DEADLINE_EXCEEDED: 'upstream_timeout',
  NOT_FOUND: 'upstream_model_missing',
  ALREADY_EXISTS: 'upstream_rejected',
  PERMISSION_DENIED: 'upstream_misconfigured',
  RESOURCE_EXHAUSTED: 'upstream_rate_limited',
  // Billing is off, or the free tier does not reach the place of the caller: the account's matter.
  FAILED_PRECONDITION: 'upstream_misconfigured',
  ABORTED: 'upstream_unavailable',
  OUT_OF_RANGE: 'invalid_request',
  UNIMPLEMENTED: 'upstream_rejected',
  INTERNAL: 'upstream_unavailable',
  UNAVAILABLE: 'upstream_overloaded',
  DATA_LOSS: 'upstream_unavailable',
  UNAUTHENTICATED: 'upstream_misconfigured',
};

// google.api.ErrorReason, as it stands in ErrorInfo.reason. A bad key is a 400 (recorded), so the status alone would lie.
const KIND_OF_REASON: { readonly [reason: string]: ErrorKind } = {
  API_KEY_INVALID: 'upstream_misconfigured',
  API_KEY_EXPIRED: 'upstream_misconfigured',
  API_KEY_SERVICE_BLOCKED: 'upstream_misconfigured',
  API_KEY_HTTP_REFERRER_BLOCKED: 'upstream_misconfigured',
  API_KEY_IP_ADDRESS_BLOCKED: 'upstream_misconfigured',
  ACCESS_TOKEN_EXPIRED: 'upstream_misconfigured',
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: 'upstream_misconfigured',
  CONSUMER_INVALID: 'upstream_misconfigured',
  CONSUMER_SUSPENDED: 'upstream_misconfigured',
  SERVICE_DISABLED: 'upstream_misconfigured',
  BILLING_DISABLED: 'upstream_quota_exhausted',
  QUOTA_EXHAUSTED: 'upstream_quota_exhausted',
  MODEL_CAPACITY_EXHAUSTED: 'upstream_overloaded',
  RATE_LIMIT_EXCEEDED: 'upstream_rate_limited',
};

/** A wait of more than this is no rate limit: the quota of the day is used up. */
const RATE_LIMIT_WAIT_MAX_MS = 3_600_000;
const TOKEN_LIMIT = /input_token_count, limit: (\d+)/;
const PER_DAY = /per[ _-]?day|daily/i;

// The envelope's error object, also inside a one-element array (streams without alt=sse).
function errorOf(json: Json): JsonObject | null {
  const error = field(isArray(json) ? json[0] : json, 'error');
  if (typeof error === 'string') return { message: error };
  return typeof error === 'object' && error !== null && !isArray(error) ? compact(error) : null;
}

function failureOf(error: JsonObject, status: number): ProviderFailure {
  const message = asString(error['message']) ?? '';
  const details = asArray(error['details']);
  const word = asString(error['status']) ?? null;
  const waitMs = delayOf(details) ?? retryAfterInText(message);
  const overflow = contextOverflow(message);
  const said = { message: scrub(message), code: reasonOf(details) ?? word, retryAfterMs: waitMs };
  if (overflow !== null) return { ...said, ...overflow, kind: 'context_too_long' };
  const kind = kindOf({ details, word, message, status });
  if (kind !== 'upstream_rate_limited') return { ...said, kind };
  if (isUsedUp(details, message, waitMs)) return { ...said, kind: 'upstream_quota_exhausted' };
  // The same words come for a busy minute and for one prompt above the limit (recorded with 1.25 million tokens): only
  // who knows the prompt can tell them apart, so the limit goes along.
  const limit = TOKEN_LIMIT.exec(message)?.[1];
  return limit === undefined ? { ...said, kind } : { ...said, kind, tokensMax: Number(limit) };
}

interface Refusal {
  readonly details: readonly Json[];
  readonly word: string | null;
  readonly message: string;
  readonly status: number;
}

function kindOf({ details, word, message, status }: Refusal): ErrorKind {
  const reason = reasonOf(details);
  if (reason !== null && Object.hasOwn(KIND_OF_REASON, reason))
    return KIND_OF_REASON[reason] ?? 'upstream_rejected';
  if (/\bAPI key (?:not valid|not found|expired)/i.test(message)) return 'upstream_misconfigured';
  if (word === 'PERMISSION_DENIED' && /\b(?:the File|CachedContent)\b/.test(message))
    return 'invalid_request';
  if (word === 'NOT_FOUND' && !/\bmodels?\b/i.test(message)) return 'invalid_request';
  if (word !== null && isGoogleStatus(word)) return KIND_OF[word];
  return status === 400 ? 'invalid_request' : kindOfStatus(status);
}

function isUsedUp(details: readonly Json[], message: string, waitMs: number | null): boolean {
  if (waitMs !== null && waitMs > RATE_LIMIT_WAIT_MAX_MS) return true;
  if (/limit: 0\b|prepayment credits are depleted/i.test(message)) return true;
  return details.some((detail) => {
    if (PER_DAY.test(asString(fieldAt(detail, 'metadata', 'quota_limit')) ?? '')) return true;
    return asArray(field(detail, 'violations')).some((violation) =>
      PER_DAY.test(asString(field(violation, 'quotaId')) ?? ''),
    );
  });
}

function reasonOf(details: readonly Json[]): string | null {
  for (const detail of details) {
    const reason = asString(field(detail, 'reason'));
    if (reason !== undefined) return reason;
  }
  return null;
}

function delayOf(details: readonly Json[]): number | null {
  for (const detail of details) {
    const delay = asString(field(detail, 'retryDelay'));
    if (delay !== undefined) return durationMs(delay);
  }
  return null;
}

function isGoogleStatus(word: string): word is GoogleStatus {
  return Object.hasOwn(KIND_OF, word);
}

function plainFailure(status: number, text: string): ProviderFailure {
  const kind = kindOfStatus(status);
  return { kind, message: scrub(text.slice(0, 500)), code: null, retryAfterMs: null };
}

// Without the envelope somebody else answered (a proxy, Google's front end), so a 400 is not the caller's fault.
function kindOfStatus(status: number): ErrorKind {
  if (status < 400) return 'upstream_garbled';
  if (status >= 500) return KIND_OF_SERVER_STATUS[status] ?? 'upstream_unavailable';
  return KIND_OF_CLIENT_STATUS[status] ?? 'upstream_rejected';
}

const KIND_OF_SERVER_STATUS: { readonly [status: number]: ErrorKind } = {
  503: 'upstream_overloaded',
  504: 'upstream_timeout',
};
const KIND_OF_CLIENT_STATUS: { readonly [status: number]: ErrorKind } = {
  401: 'upstream_misconfigured',
  403: 'upstream_misconfigured',
  404: 'upstream_model_missing',
  408: 'upstream_timeout',
  413: 'payload_too_large',
  429: 'upstream_rate_limited',
};
