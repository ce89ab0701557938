import type { ErrorKind } from '../spec/error.ts';
import { contextOverflow } from './context-overflow.ts';

/** A refusal as read from any envelope. */
export interface Refusal {
  /** The HTTP status; for an error inside a 200 the status that the body names, else 200. */
  readonly status: number;
  readonly type: string | null;
  /** Machine-readable words for what happened, the most exact first. */
  readonly codes: readonly string[];
  readonly message: string;
  /** The field of the request that is wrong. */
  readonly param?: string;
  /** Who spoke: an `api` in an envelope, a web `page`, or `nobody` that can be understood. */
  readonly spoken: 'api' | 'page' | 'nobody';
  /** How long it asks to be left alone; null where it does not say. */
  readonly waitMs: number | null;
}

/**
 * What kind of failure a refusal is, whoever spoke it: by code, then by wording where a status is ambiguous, then by type
 * and status. Every wire comes here for what its own envelope does not tell, because proxies and clouds speak one wire and
 * refuse in the envelope of another. Total: a refusal that nobody has seen lands by its status and by whether an API spoke.
 */
export function kindOfRefusal(refusal: Refusal): ErrorKind {
  return byCode(refusal) ?? byWording(refusal) ?? byVagueType(refusal) ?? byStatus(refusal);
}

const CODES: ReadonlyMap<string, ErrorKind> = new Map([
  ...kinds('context_too_long', 'context_length_exceeded', 'too_many_prompt_tokens', 'TOO_MANY_TOKENS'),
  ...kinds('context_too_long', 'exceed_context_size_error', 'request_too_large'),
  ...kinds('upstream_quota_exhausted', 'insufficient_quota', 'billing_hard_limit_reached'),
  ...kinds('upstream_quota_exhausted', 'billing_not_active', 'exceeded_current_quota_error'),
  ...kinds('upstream_quota_exhausted', 'insufficient_user_quota', 'billing_error', 'insufficient_balance'),
  ...kinds('upstream_quota_exhausted', 'enforced_spend_limit_reached', 'credit_balance_too_low'),
  ...kinds('upstream_quota_exhausted', 'ServiceQuotaExceededException', 'BILLING_DISABLED'),
  ...kinds('upstream_quota_exhausted', 'QUOTA_EXHAUSTED', '402', '1113'),
  ...kinds('upstream_rate_limited', 'rate_limit_exceeded', 'rate_limit_error', 'too_many_requests'),
  ...kinds('upstream_rate_limited', 'RateLimitReached', 'RATE_LIMIT_EXCEEDED', 'rateLimitExceeded'),
  // Mistral's word for the share of a model that the account's tier has (recorded).
  ...kinds('upstream_rate_limited', 'service_tier_capacity_exceeded', '3505'),
  ...kinds('upstream_rate_limited', 'ThrottlingException', 'TooManyRequestsException', '1302', '1303'),
  ...kinds('upstream_misconfigured', 'invalid_api_key', 'account_deactivated', 'invalid_issuer'),
  ...kinds('upstream_misconfigured', 'unsupported_country_region_territory', 'request_forbidden'),
  ...kinds('upstream_misconfigured', 'authentication_error', 'permission_error', '1000', '1001'),
  ...kinds('upstream_misconfigured', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'AccessDeniedException'),
  ...kinds('upstream_misconfigured', 'UnrecognizedClientException', 'InvalidSignatureException'),
  ...kinds('upstream_misconfigured', 'ExpiredTokenException', 'MissingAuthenticationTokenException'),
  // google.api.ErrorReason, as it stands in ErrorInfo.reason. A bad key is a 400 there (recorded).
  ...kinds('upstream_misconfigured', 'API_KEY_INVALID', 'API_KEY_EXPIRED', 'API_KEY_SERVICE_BLOCKED'),
  ...kinds('upstream_misconfigured', 'API_KEY_HTTP_REFERRER_BLOCKED', 'API_KEY_IP_ADDRESS_BLOCKED'),
  ...kinds('upstream_misconfigured', 'ACCESS_TOKEN_EXPIRED', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'),
  ...kinds('upstream_misconfigured', 'CONSUMER_INVALID', 'CONSUMER_SUSPENDED', 'SERVICE_DISABLED'),
  ...kinds('upstream_model_missing', 'model_not_found', 'DeploymentNotFound', 'model_decommissioned'),
  ...kinds('upstream_model_missing', 'unknown_model', 'model_not_active', 'invalid_model', '1211'),
  ...kinds('upstream_model_missing', 'ResourceNotFoundException'),
  ...kinds('content_filtered', 'content_policy_violation', 'content_filter', 'ResponsibleAIPolicyViolation'),
  ...kinds('content_filtered', 'data_inspection_failed', 'moderation_blocked', 'content_moderation', '1301'),
  ...kinds('upstream_overloaded', 'slow_down', 'capacity_exceeded', 'overloaded_error', 'engine_overloaded'),
  ...kinds('upstream_overloaded', 'model_overloaded', '1305'),
  ...kinds('upstream_overloaded', 'MODEL_CAPACITY_EXHAUSTED', 'ModelNotReadyException'),
  ...kinds('upstream_overloaded', 'ServiceUnavailableException'),
  ...kinds('upstream_unavailable', 'ModelErrorException', 'ModelStreamErrorException'),
  ...kinds('upstream_unavailable', 'InternalServerException'),
  ...kinds('upstream_timeout', 'ModelTimeoutException'),
  ...kinds('upstream_rejected', 'tool_use_failed', 'invalid_encrypted_content', 'json_validate_failed'),
]);

// Types are vaguer than codes: `invalid_request_error` says nothing and stands beside statuses of every kind.
const TYPES: ReadonlyMap<string, ErrorKind> = new Map([
  ...kinds('upstream_quota_exhausted', 'insufficient_quota', 'billing_error', 'exceeded_current_quota_error'),
  ...kinds('upstream_rate_limited', 'rate_limit_error', 'rate_limit_exceeded', 'requests', 'tokens'),
  ...kinds('upstream_rate_limited', 'RESOURCE_EXHAUSTED'),
  ...kinds('upstream_misconfigured', 'authentication_error', 'permission_error'),
  ...kinds('upstream_misconfigured', 'UNAUTHENTICATED', 'PERMISSION_DENIED'),
  ...kinds('upstream_model_missing', 'not_found_error', 'NOT_FOUND'),
  ...kinds('upstream_overloaded', 'overloaded_error', 'service_unavailable_error', 'UNAVAILABLE'),
  ...kinds('upstream_overloaded', 'capacity_exceeded'),
  ...kinds('upstream_rate_limited', 'service_tier_capacity_exceeded'),
  ...kinds('upstream_unavailable', 'server_error', 'api_error', 'internal_server_error', 'INTERNAL'),
  ...kinds('upstream_timeout', 'timeout_error', 'timeout', 'DEADLINE_EXCEEDED'),
  ...kinds('context_too_long', 'TOO_MANY_TOKENS', 'exceed_context_size_error'),
  ...kinds('invalid_request', 'invalid_request_error', 'INVALID_ARGUMENT', 'ValidationException'),
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
  /(?:incorrect|invalid|expired|missing|no) (?:api|authentication|auth|x-api|subscription) ?-?key|api.?key not (?:valid|found)|invalid authentication|invalid x-api-key|api key.{0,40}(?:is invalid|expired)|organization has been disabled/i;
const MODEL =
  /model.{0,120}(?:does not exist|not found|has been deprecated|was removed on|decommissioned|not supported for generate)|not a valid model/i;
const QUOTA =
  /insufficient (?:balance|credits?|quota|funds)|credit balance is too low|exceeded your current quota|exceeds the service quota|spend(?:ing)? limit|usage limits?\b|prepayment credits are depleted/i;
const FILTER =
  /content management policy|safety system|content policy|content filtering policy|flagged (?:as|by|for)/i;

/** What a machine-readable code says by itself; null where it says nothing. */
export function kindOfCode(code: string | null): ErrorKind | null {
  return code === null ? null : (CODES.get(code) ?? null);
}

function byCode({ codes }: Refusal): ErrorKind | null {
  for (const code of codes) {
    const kind = kindOfCode(code);
    if (kind !== null) return kind;
  }
  return null;
}

// A type, or a code that says no more than a type, where the status leaves it open what happened.
function byVagueType({ status, type, codes }: Refusal): ErrorKind | null {
  if (STATUSES.has(status) && status !== 403 && status !== 429) return null;
  if (status === 404 || status === 422) return null;
  return TYPES.get(type ?? '') ?? TYPES.get(codes[0] ?? '') ?? null;
}

// Words decide only where the status leaves several readings open.
function byWording({ status, message, waitMs }: Refusal): ErrorKind | null {
  if (status === 429) {
    // Google says "exceeded your current quota" about limits per minute too, but then tells how long to wait.
    return waitMs === null && QUOTA.test(message) ? 'upstream_quota_exhausted' : null;
  }
  if (status >= 500 && !contextOverflow(message)) return null;
  if (contextOverflow(message) !== null) return 'context_too_long';
  if (KEY.test(message)) return 'upstream_misconfigured';
  if (QUOTA.test(message)) return 'upstream_quota_exhausted';
  if (FILTER.test(message)) return 'content_filtered';
  return MODEL.test(message) ? 'upstream_model_missing' : null;
}

// What a status means depends on who spoke, where it could be the caller's fault.
const STATUSES_OF: { readonly [spoken in Refusal['spoken']]: ReadonlyMap<number, ErrorKind> } = {
  api: new Map([
    // An error that came with status 200.
    [200, 'upstream_unavailable'],
    [400, 'invalid_request'],
    [404, 'upstream_model_missing'],
    [422, 'invalid_request'],
  ]),
  page: new Map([
    [400, 'upstream_rejected'],
    // A firewall's page may be about what the prompt says; parking the key for it would let one caller shut out all.
    [403, 'upstream_rejected'],
    // Stands for a wrong address, not for a missing model.
    [404, 'upstream_misconfigured'],
    [413, 'payload_too_large'],
    [422, 'upstream_rejected'],
  ]),
  nobody: new Map([
    [400, 'upstream_rejected'],
    [404, 'upstream_misconfigured'],
    [422, 'upstream_rejected'],
  ]),
};

function byStatus({ status, spoken }: Refusal): ErrorKind {
  const known = STATUSES_OF[spoken].get(status) ?? STATUSES.get(status);
  if (known !== undefined) return known;
  // A redirect or a login page is no answer of this API.
  if (status < 400) return 'upstream_garbled';
  if (status >= 500) return 'upstream_unavailable';
  return spoken === 'api' ? 'upstream_rejected' : 'upstream_unavailable';
}

function kinds(kind: ErrorKind, ...codes: readonly string[]): readonly (readonly [string, ErrorKind])[] {
  return codes.map((code) => [code, kind] as const);
}
