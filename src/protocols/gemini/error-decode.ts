import { bytesToText, type Bytes } from '../../base/bytes.ts';
import {
  asArray,
  asNumber,
  asString,
  compact,
  field,
  isArray,
  parseJsonOr,
  type Json,
  type JsonObject,
} from '../../base/json.ts';
import type { ErrorKind } from '../../spec/error.ts';
import type { Headers } from '../../spec/wire.ts';
import { contextOverflow } from '../context-overflow.ts';
import type { ProviderFailure } from '../protocol.ts';
import {
  errorInside as errorInAny,
  isUsedUp as isPerDay,
  RATE_LIMIT_WAIT_MAX_MS,
  readRefusal,
} from '../refusal.ts';
import { kindOfCode, kindOfRefusal } from '../refusal-kind.ts';
import { durationMs, retryAfterInText, retryAfterMs } from '../retry-after.ts';
import { scrub } from '../scrub.ts';
import type { GoogleStatus } from './wire.ts';

/**
 * Understands a refusal: by the reasons in its details, then by wording where only that tells, then by status. What comes
 * without a status of Google's is read as any wire's. Never throws.
 */
export function decodeError(
  status: number,
  headers: Headers,
  body: Bytes,
  nowMs: number | null = null,
): ProviderFailure {
  const error = errorOf(parseJsonOr(bytesToText(body), null));
  if (error === null || !isGoogles(error)) return readRefusal(status, headers, body, nowMs);
  const failure = failureOf(error, status);
  return { ...failure, retryAfterMs: retryAfterMs(headers, nowMs) ?? failure.retryAfterMs };
}

/** The error inside a body or a stream event that came with status 200; null where there is none. */
export function errorInside(json: Json | undefined): ProviderFailure | null {
  const error = errorOf(json ?? null);
  if (error === null || !isGoogles(error)) return errorInAny(json ?? null);
  return failureOf(error, asNumber(error['code']) ?? 500);
}

// A word of google.rpc.Code, or the typed details that its errors carry.
function isGoogles(error: JsonObject): boolean {
  const word = asString(error['status']);
  return (word !== undefined && isGoogleStatus(word)) || asArray(error['details']).length > 0;
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

const TOKEN_LIMIT = /input_token_count, limit: (\d+)/;

// The envelope's error object, also inside a one-element array (streams without alt=sse).
function errorOf(json: Json): JsonObject | null {
  const error = field(isArray(json) ? json[0] : json, 'error');
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
  const reason = kindOfCode(reasonOf(details));
  if (reason !== null) return reason;
  if (/\bAPI key (?:not valid|not found|expired)/i.test(message)) return 'upstream_misconfigured';
  if (word === 'PERMISSION_DENIED' && /\b(?:the File|CachedContent)\b/.test(message))
    return 'invalid_request';
  if (word === 'NOT_FOUND' && !/\bmodels?\b/i.test(message)) return 'invalid_request';
  if (word !== null && isGoogleStatus(word)) return KIND_OF[word];
  return kindOfRefusal({ status, type: word, codes: [], message, spoken: 'api', waitMs: null });
}

function isUsedUp(details: readonly Json[], message: string, waitMs: number | null): boolean {
  if (waitMs !== null && waitMs > RATE_LIMIT_WAIT_MAX_MS) return true;
  if (/limit: 0\b|prepayment credits are depleted/i.test(message)) return true;
  return isPerDay(details);
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
