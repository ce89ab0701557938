import type { ErrorKind } from '../../spec/error.ts';
import { contextOverflow } from '../context-overflow.ts';

/** A refusal as read from any envelope. */
export interface Refusal {
  /** The HTTP status; for an error inside a 200 the status that the body names, else 200. */
  readonly status: number;
  readonly type: string | null;
  readonly code: string | null;
  readonly message: string;
  /** The field of the request that is wrong. */
  readonly param?: string;
  /** Whether the provider spoke in an envelope of an API, and not as a web page. */
  readonly told: boolean;
}

/** What kind of failure a refusal is: by code, then by wording where a status is ambiguous, then by type and status. */
export function classify(refusal: Refusal, retryAfterMs: number | null): ErrorKind {
  return (
    byCode(refusal.code) ?? byWording(refusal, retryAfterMs) ?? byVagueType(refusal) ?? byStatus(refusal)
  );
}

const CODES: ReadonlyMap<string, ErrorKind> = new Map([
  ...kinds('context_too_long', 'context_length_exceeded', 'too_many_prompt_tokens', 'TOO_MANY_TOKENS'),
  ...kinds('context_too_long', 'exceed_context_size_error', 'request_too_large'),
  ...kinds(
    'upstream_quota_exhausted',
    'insufficient_quota',
    'billing_hard_limit_reached',
    'billing_not_active',
  ),
  ...kinds(
    'upstream_quota_exhausted',
    'exceeded_current_quota_error',
    'insufficient_user_quota',
    'billing_error',
  ),
  ...kinds('upstream_quota_exhausted', 'insufficient_balance', 'enforced_spend_limit_reached', '402', '1113'),
  ...kinds(
    'upstream_rate_limited',
    'rate_limit_exceeded',
    'rate_limit_error',
    'too_many_requests',
    '1302',
    '1303',
  ),
  ...kinds(
    'upstream_misconfigured',
    'invalid_api_key',
    'API_KEY_INVALID',
    'account_deactivated',
    'invalid_issuer',
  ),
  ...kinds(
    'upstream_misconfigured',
    'unsupported_country_region_territory',
    'request_forbidden',
    '1000',
    '1001',
  ),
  ...kinds(
    'upstream_misconfigured',
    'authentication_error',
    'permission_error',
    'PERMISSION_DENIED',
    'UNAUTHENTICATED',
  ),
  ...kinds(
    'upstream_model_missing',
    'model_not_found',
    'DeploymentNotFound',
    'model_decommissioned',
    'unknown_model',
  ),
  ...kinds('upstream_model_missing', 'model_not_active', 'invalid_model', '1211'),
  ...kinds(
    'content_filtered',
    'content_policy_violation',
    'content_filter',
    'ResponsibleAIPolicyViolation',
    '1301',
  ),
  ...kinds('content_filtered', 'data_inspection_failed', 'moderation_blocked', 'content_moderation'),
  ...kinds(
    'upstream_overloaded',
    'slow_down',
    'capacity_exceeded',
    'overloaded_error',
    'engine_overloaded',
    '1305',
  ),
  ...kinds('upstream_overloaded', 'service_tier_capacity_exceeded', '3505', 'model_overloaded'),
  ...kinds('upstream_rejected', 'tool_use_failed', 'invalid_encrypted_content', 'json_validate_failed'),
]);

// Types are vaguer than codes: `invalid_request_error` says nothing and stands beside statuses of every kind.
const TYPES: ReadonlyMap<string, ErrorKind> = new Map([
  ...kinds('upstream_quota_exhausted', 'insufficient_quota', 'billing_error', 'exceeded_current_quota_error'),
  ...kinds(
    'upstream_rate_limited',
    'rate_limit_error',
    'rate_limit_exceeded',
    'requests',
    'tokens',
    'RESOURCE_EXHAUSTED',
  ),
  ...kinds(
    'upstream_misconfigured',
    'authentication_error',
    'permission_error',
    'UNAUTHENTICATED',
    'PERMISSION_DENIED',
  ),
  ...kinds('upstream_model_missing', 'not_found_error', 'NOT_FOUND'),
  ...kinds(
    'upstream_overloaded',
    'overloaded_error',
    'service_unavailable_error',
    'UNAVAILABLE',
    'capacity_exceeded',
  ),
  ...kinds('upstream_overloaded', 'service_tier_capacity_exceeded'),
  ...kinds('upstream_unavailable', 'server_error', 'api_error', 'internal_server_error', 'INTERNAL'),
  ...kinds('upstream_timeout', 'timeout_error', 'timeout', 'DEADLINE_EXCEEDED'),
  ...kinds('context_too_long', 'TOO_MANY_TOKENS', 'exceed_context_size_error'),
  ...kinds('invalid_request', 'invalid_request_error', 'INVALID_ARGUMENT'),
]);

const STATUSES: ReadonlyMap<number, ErrorKind> = new Map([
  [401, 'upstream_misconfigured'],
  [402, 'upstream_quota_exhausted'],
  [403, 'upstream_misconfigured'],
  [405, 'upstream_misconfigured'],
  [407, 'upstream_misconfigured'],
  [408, 'upstream_timeout'],
  [409, 'upstream_unavailable'],
  [410, 'upstream_model_missing'],
  // Cerebras refuses an over-long prompt with 413 and no body; only a target with a larger window could take it.
  [413, 'context_too_long'],
  [424, 'upstream_unavailable'],
  [425, 'upstream_unavailable'],
  [429, 'upstream_rate_limited'],
  [498, 'upstream_overloaded'],
  [499, 'upstream_unavailable'],
  [503, 'upstream_overloaded'],
  [504, 'upstream_timeout'],
  [522, 'upstream_timeout'],
  [524, 'upstream_timeout'],
  [529, 'upstream_overloaded'],
]);

const KEY =
  /(?:incorrect|invalid|expired|missing|no) (?:api|authentication|auth) ?key|api.?key not valid|invalid authentication|api key.{0,40}(?:is invalid|expired)/i;
const MODEL =
  /model.{0,120}(?:does not exist|not found|has been deprecated|was removed on|decommissioned|not supported for generate)|not a valid model/i;
const QUOTA =
  /insufficient (?:balance|credits|quota)|credit balance is too low|exceeded your current quota|spend(?:ing)? limit|usage limits?\b/i;
const FILTER = /content management policy|safety system|content policy|flagged (?:as|by|for)/i;

function byCode(code: string | null): ErrorKind | null {
  return code === null ? null : (CODES.get(code) ?? null);
}

// A type, or a code that says no more than a type, where the status leaves it open what happened.
function byVagueType({ status, type, code }: Refusal): ErrorKind | null {
  if (STATUSES.has(status) && status !== 403 && status !== 429) return null;
  if (status === 404 || status === 422) return null;
  return TYPES.get(type ?? '') ?? TYPES.get(code ?? '') ?? null;
}

// Words decide only where the status leaves several readings open.
function byWording({ status, message }: Refusal, retryAfterMs: number | null): ErrorKind | null {
  if (status === 429) {
    // Google says "exceeded your current quota" about limits per minute too, but then tells how long to wait.
    return retryAfterMs === null && QUOTA.test(message) ? 'upstream_quota_exhausted' : null;
  }
  if (status >= 500 && !contextOverflow(message)) return null;
  if (contextOverflow(message) !== null) return 'context_too_long';
  if (KEY.test(message)) return 'upstream_misconfigured';
  if (QUOTA.test(message)) return 'upstream_quota_exhausted';
  if (FILTER.test(message)) return 'content_filtered';
  return MODEL.test(message) ? 'upstream_model_missing' : null;
}

function byStatus({ status, told }: Refusal): ErrorKind {
  const known = STATUSES.get(status);
  if (known !== undefined) return known;
  // A page that is not the API's stands for a wrong address, not for a missing model.
  if (status === 404) return told ? 'upstream_model_missing' : 'upstream_misconfigured';
  if (status === 400 || status === 422) return 'invalid_request';
  if (status >= 500 || status === 200) return 'upstream_unavailable';
  return 'upstream_rejected';
}

function kinds(kind: ErrorKind, ...codes: readonly string[]): readonly (readonly [string, ErrorKind])[] {
  return codes.map((code) => [code, kind] as const);
}
