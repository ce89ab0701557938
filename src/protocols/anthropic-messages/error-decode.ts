import { bytesToText, type Bytes } from '../../base/bytes.ts';
import { asString, fieldAt, parseJsonOr, type Json } from '../../base/json.ts';
import type { ErrorKind } from '../../spec/error.ts';
import { header, type Headers } from '../../spec/wire.ts';
import { contextOverflow } from '../context-overflow.ts';
import type { ProviderFailure } from '../protocol.ts';
import { errorInside, readRefusal } from '../refusal.ts';
import { retryAfterMs } from '../retry-after.ts';
import { scrub } from '../scrub.ts';

/**
 * Classifies a provider's refusal: by the error's type and code first, then by status, by wording only where both leave
 * doubt. What comes in another envelope, from a cloud that serves this wire or a proxy before it, is read as any wire's.
 */
export function decodeError(
  status: number,
  headers: Headers,
  body: Bytes,
  nowMs: number | null = null,
): ProviderFailure {
  const json = parseJsonOr(bytesToText(body), null);
  if (!isOwnEnvelope(json, status)) return readRefusal(status, headers, body, nowMs);
  const failure = ownFailure(json);
  const waitMs = retryAfterMs(headers, nowMs);
  const spent = failure.kind === 'upstream_rate_limited' && isSpent(failure.message, headers, waitMs);
  return { ...failure, ...(spent ? { kind: 'upstream_quota_exhausted' } : {}), retryAfterMs: waitMs };
}

/** Classifies what an event or a body with status 200 says it is: an error, in this wire's envelope or another's. */
export function classifyBody(body: Json): ProviderFailure {
  return failureIn(body) ?? UNTOLD;
}

/** The error inside an event or a body that came with status 200; null where there is none. */
export function failureIn(body: Json): ProviderFailure | null {
  return isOwnEnvelope(body, 200) ? ownFailure(body) : errorInside(body);
}

const UNTOLD: ProviderFailure = {
  kind: 'upstream_unavailable',
  message: 'The provider gave no message.',
  code: null,
  retryAfterMs: null,
};

// `{type: "error", error: {type, message, details}}` with a type that this API has. What has a code beside the type is
// OpenAI's, which has an `invalid_request_error` too, and that with statuses of every kind.
function isOwnEnvelope(body: Json, status: number): boolean {
  const type = asString(fieldAt(body, 'error', 'type')) ?? '';
  if (asString(fieldAt(body, 'error', 'code')) !== undefined) return false;
  if (type === 'invalid_request_error') return status < 401 || status === 413 || status === 422;
  return type === 'not_found_error' || KINDS_BY_TYPE.has(type);
}

function ownFailure(body: Json): ProviderFailure {
  const type = asString(fieldAt(body, 'error', 'type')) ?? '';
  const message = asString(fieldAt(body, 'error', 'message')) ?? 'The provider gave no message.';
  const code = asString(fieldAt(body, 'error', 'details', 'error_code')) ?? null;
  const kind = (code === null ? undefined : KINDS_BY_CODE.get(code)) ?? kindOf(type, message);
  const overflow = kind === 'context_too_long' ? overflowOf(message) : {};
  return { kind, message: scrub(message), code: code ?? type, retryAfterMs: null, ...overflow };
}

const KINDS_BY_CODE: ReadonlyMap<string, ErrorKind> = new Map([
  ['enforced_spend_limit_reached', 'upstream_quota_exhausted'],
  ['credit_balance_too_low', 'upstream_quota_exhausted'],
]);

const KINDS_BY_TYPE: ReadonlyMap<string, ErrorKind> = new Map([
  ['authentication_error', 'upstream_misconfigured'],
  ['permission_error', 'upstream_misconfigured'],
  ['billing_error', 'upstream_quota_exhausted'],
  ['rate_limit_error', 'upstream_rate_limited'],
  ['overloaded_error', 'upstream_overloaded'],
  ['timeout_error', 'upstream_timeout'],
  ['api_error', 'upstream_unavailable'],
  ['request_too_large', 'payload_too_large'],
]);

// An invalid_request_error can be anybody's fault; only its words tell whose.
const INVALID_REQUESTS: readonly (readonly [wording: RegExp, kind: ErrorKind])[] = [
  [
    /prompt is too long|exceeds? (?:the )?(?:model's )?(?:context|maximum context)|context window/i,
    'context_too_long',
  ],
  [/credit balance is too low|usage limits?\b|spend(?:ing)? limit/i, 'upstream_quota_exhausted'],
  [/organization has been disabled|x-api-key|anthropic-version/i, 'upstream_misconfigured'],
  [/content filtering policy|blocked by (?:our )?(?:content|safety)/i, 'content_filtered'],
];

function kindOf(type: string, message: string): ErrorKind {
  if (type === 'invalid_request_error') {
    const worded = INVALID_REQUESTS.find(([wording]) => wording.test(message))?.[1];
    return worded ?? (contextOverflow(message) === null ? 'invalid_request' : 'context_too_long');
  }
  // "model: claude-does-not-exist" (recorded); any other 404 means that the address is wrong.
  if (type === 'not_found_error')
    return /\bmodel\b/i.test(message) ? 'upstream_model_missing' : 'upstream_misconfigured';
  return KINDS_BY_TYPE.get(type) ?? 'upstream_rejected';
}

// A spend limit is a 429 without a wait that would help; a mere rate limit names one, or its buckets.
function isSpent(message: string, headers: Headers, waitMs: number | null): boolean {
  return (
    waitMs === null &&
    header(headers, 'retry-after') === undefined &&
    /spend|credit|usage limits/i.test(message)
  );
}

// "prompt is too long: A tokens > B maximum"; "input length and `max_tokens` exceed context limit: A + B > C".
function overflowOf(message: string): { readonly tokens?: number; readonly tokensMax?: number } {
  const sum = /(\d+) \+ (\d+) > (\d+)/.exec(message);
  if (sum !== null) return { tokens: Number(sum[1]) + Number(sum[2]), tokensMax: Number(sum[3]) };
  const plain = /(\d+) tokens > (\d+)/.exec(message);
  return plain === null
    ? (contextOverflow(message) ?? {})
    : { tokens: Number(plain[1]), tokensMax: Number(plain[2]) };
}
