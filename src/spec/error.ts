/**
 * What a kind of failure means for everybody: the HTTP status our client gets, what the attempt loop does next, whether
 * the target's health suffers, and how loudly it is logged. One table; nothing else decides these four.
 */
export interface ErrorRule {
  /** HTTP status towards our client when this kind ends the request. */
  readonly status: number;
  /**
   * What may follow an attempt that failed so. `same-target`: elsewhere, and once more here where nothing else is left
   * (transient). `other-key`: another credential of the same provider first, then elsewhere. `other-target`: elsewhere.
   * `stop`: the caller is told.
   */
  readonly next: 'stop' | 'same-target' | 'other-key' | 'other-target';
  /** Whether it counts against the target's health. A rate limit does not: a busy provider is not a broken one. */
  readonly hurts: boolean;
  /**
   * What is left alone for a while after it: `target` this model under this key (rate limits), `key` the key with all its
   * models (quota, refused credentials). Kept apart from health: a call elsewhere is the answer, not a broken circuit.
   */
  readonly parks: 'nothing' | 'target' | 'key';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Whether the provider's own words may reach the client (after scrubbing): only where the request itself is at fault. */
  readonly tellsProviderText: boolean;
  /** What it means, one sentence; the reference page of errors is generated from it. */
  readonly meaning: string;
}

const OURS = {
  next: 'stop',
  hurts: false,
  parks: 'nothing',
  level: 'info',
  tellsProviderText: false,
} as const;

/** Every kind of failure with its rule. */
export const ERROR_KINDS = {
  invalid_request: {
    ...OURS,
    status: 400,
    tellsProviderText: true,
    meaning: 'The request is malformed or breaks a rule of its protocol.',
  },
  unauthenticated: { ...OURS, status: 401, meaning: 'No valid virtual key came with the request.' },
  forbidden: { ...OURS, status: 403, meaning: 'The virtual key is valid but may not do this.' },
  not_found: { ...OURS, status: 404, meaning: 'There is nothing at this path.' },
  model_not_found: { ...OURS, status: 404, meaning: 'No model, route or target has this name.' },
  method_not_allowed: { ...OURS, status: 405, meaning: 'The path exists but not with this HTTP method.' },
  request_timeout: { ...OURS, status: 408, meaning: 'The client did not send its request in time.' },
  conflict: {
    ...OURS,
    status: 409,
    meaning: 'The request contradicts the present state, such as a reused idempotency key.',
  },
  idempotency_mismatch: {
    ...OURS,
    status: 422,
    meaning: 'The idempotency key was used before with another request.',
  },
  payload_too_large: { ...OURS, status: 413, meaning: 'The body is larger than the limit.' },
  unsupported_media_type: {
    ...OURS,
    status: 415,
    meaning: 'The body is not in a content type that this path accepts.',
  },
  unsupported: {
    ...OURS,
    status: 400,
    next: 'other-target',
    meaning: 'A target cannot express what the request asks for; the caller is told when none can.',
  },
  rate_limited: { ...OURS, status: 429, meaning: 'A rate limit of this gateway was reached.' },
  concurrency_limited: { ...OURS, status: 429, meaning: 'Too many requests of this caller are in flight.' },
  budget_exceeded: { ...OURS, status: 402, meaning: 'A budget or balance does not allow this request.' },
  guard_blocked: { ...OURS, status: 400, meaning: 'A content guard refused the request or its answer.' },
  no_target: {
    ...OURS,
    status: 503,
    level: 'error',
    meaning: 'No target of this model can serve the request at present.',
  },
  deadline_exceeded: {
    ...OURS,
    status: 504,
    level: 'warn',
    meaning: 'The time allowed for the whole request is over.',
  },
  client_closed: {
    ...OURS,
    status: 499,
    level: 'debug',
    meaning: 'The client went away before the answer was complete.',
  },
  hedge_lost: {
    ...OURS,
    status: 499,
    level: 'debug',
    meaning: 'Another target that was asked at the same time was faster; this one was cancelled.',
  },
  store_unavailable: {
    ...OURS,
    status: 503,
    level: 'error',
    meaning: 'What the request asks for needs the store, which cannot be reached; nothing was changed.',
  },
  shutting_down: { ...OURS, status: 503, meaning: 'This instance is draining and takes no new requests.' },
  internal: { ...OURS, status: 500, level: 'error', meaning: 'A fault of the gateway itself.' },
  context_too_long: {
    ...OURS,
    status: 400,
    next: 'other-target',
    tellsProviderText: true,
    meaning: 'The prompt does not fit into the model; only a target with a larger window could take it.',
  },
  content_filtered: {
    ...OURS,
    status: 400,
    tellsProviderText: true,
    meaning: 'The provider refused the content of the request.',
  },
  upstream_rate_limited: {
    status: 429,
    next: 'other-key',
    hurts: false,
    parks: 'target',
    level: 'warn',
    tellsProviderText: false,
    meaning: 'The provider limits the rate of this key or model.',
  },
  upstream_quota_exhausted: {
    status: 503,
    next: 'other-key',
    hurts: false,
    parks: 'key',
    level: 'error',
    tellsProviderText: false,
    meaning: 'The quota, credit or spend limit of the provider account is used up.',
  },
  upstream_misconfigured: {
    status: 502,
    next: 'other-key',
    hurts: false,
    parks: 'key',
    level: 'error',
    tellsProviderText: false,
    meaning: "The provider refused our credential: the operator's fault, never the caller's.",
  },
  upstream_model_missing: {
    status: 502,
    next: 'other-target',
    hurts: false,
    parks: 'target',
    level: 'error',
    tellsProviderText: false,
    meaning: 'The provider does not know, or no longer serves, the configured model.',
  },
  upstream_overloaded: {
    status: 503,
    next: 'same-target',
    hurts: true,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning: 'The provider says that it is overloaded.',
  },
  upstream_unavailable: {
    status: 502,
    next: 'same-target',
    hurts: true,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning: 'The provider failed or could not be reached.',
  },
  upstream_timeout: {
    status: 504,
    next: 'other-target',
    hurts: true,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning: 'The provider did not connect, answer or go on in time.',
  },
  upstream_rejected: {
    status: 502,
    next: 'other-target',
    hurts: false,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning: 'The provider refused in a way that is neither the fault of the caller nor a known failure.',
  },
  upstream_broken_off: {
    status: 502,
    next: 'same-target',
    hurts: true,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning: "The provider's answer broke off before its end.",
  },
  upstream_garbled: {
    status: 502,
    next: 'other-target',
    hurts: true,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning: 'The provider answered something that is not its own protocol.',
  },
  upstream_empty: {
    status: 502,
    next: 'same-target',
    hurts: true,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning: 'The provider ended its answer without having said anything.',
  },
  upstream_diverged: {
    status: 502,
    next: 'other-target',
    hurts: false,
    parks: 'nothing',
    level: 'warn',
    tellsProviderText: false,
    meaning:
      'An answer that broke off could not be continued: the new one does not agree with what was sent.',
  },
  overloaded: {
    ...OURS,
    status: 503,
    level: 'warn',
    meaning: 'All targets are at their limit of calls at once; requests of lower priority are refused first.',
  },
} as const satisfies Record<string, ErrorRule>;

/** One of them. */
export type ErrorKind = keyof typeof ERROR_KINDS;

/** The rule of a kind, with the common type instead of the literal one. */
export function ruleOf(kind: ErrorKind): ErrorRule {
  return ERROR_KINDS[kind];
}

/** Particulars of a failure, for envelopes, logs and hints. Plain data, no secrets. */
export interface ErrorDetail {
  /** The field of the request that is wrong, as a path: `messages[2].content`. */
  readonly field?: string;
  /** Machine-readable code towards the client, such as `context_length_exceeded`. */
  readonly code?: string;
  /** How long the client, or the loop, should wait before it tries again. */
  readonly retryAfterMs?: number;
  /** HTTP status of the provider where one was received. */
  readonly upstreamStatus?: number;
  /** The provider's own words, scrubbed of key fragments; they reach a client only where the rule allows it. */
  readonly providerMessage?: string;
  /** For context_too_long, where known: prompt size and limit in tokens. */
  readonly tokens?: number;
  readonly tokensMax?: number;
}

/** Ends a request, or an attempt. The message is a sentence for the client; the cause is for the log. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;

  constructor(kind: ErrorKind, message: string, detail: ErrorDetail = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.detail = detail;
  }

  get rule(): ErrorRule {
    return ERROR_KINDS[this.kind];
  }
}

/** A malformed request: which field, what is wrong, what would be right. */
export function invalid(fieldPath: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { field: fieldPath });
}
