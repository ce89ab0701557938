import type { ErrorKind, ErrorRule } from '../../src/spec/error.ts';
import type { FaultWire } from './catalogue.ts';
import type { FaultPlace } from './fault-server.ts';

/** What must come of a call that meets a fault: the kind, and what that makes the gateway do. Null: a good answer. */
export interface Outcome {
  readonly kind: ErrorKind;
  readonly next: ErrorRule['next'];
  readonly parks: ErrorRule['parks'];
}

/** What is expected of one entry of the catalogue. Reviewed by hand, entry by entry. */
export interface Expected {
  readonly outcome: Outcome | null;
  /** Where a call that is not streamed comes to something else. */
  readonly whole?: Outcome | null;
  /** Where it comes to something else on one wire. */
  readonly on?: { readonly [wire in FaultWire]?: Outcome | null };
  /** How long the provider asks to be left alone, read at `NOW_MS`; missing: it does not say. */
  readonly retryAfterMs?: number;
  /** Where it happens, when it is not an answer to a request. */
  readonly place?: FaultPlace;
  /** Content had gone to a streaming caller before. */
  readonly begun?: true;
  /** The answer makes calls instead of saying the text. */
  readonly calls?: true;
  /** Any of these will do: where it fails, chance decides. */
  readonly among?: readonly (ErrorKind | null)[];
  /** Why the kind is deliberately not the catalogue's class or action. */
  readonly differs?: string;
}

/** The time at which dates in the catalogue are read. */
export const NOW_MS = Date.UTC(2026, 9, 21, 7, 27, 40);

const RATE_LIMITED: Outcome = { kind: 'upstream_rate_limited', next: 'other-key', parks: 'target' };
const NO_QUOTA: Outcome = { kind: 'upstream_quota_exhausted', next: 'other-key', parks: 'key' };
const BAD_KEY: Outcome = { kind: 'upstream_misconfigured', next: 'other-key', parks: 'key' };
const NO_MODEL: Outcome = { kind: 'upstream_model_missing', next: 'other-target', parks: 'target' };
const TOO_LONG: Outcome = { kind: 'context_too_long', next: 'other-target', parks: 'nothing' };
export const CALLERS: Outcome = { kind: 'invalid_request', next: 'stop', parks: 'nothing' };
const TOO_LARGE: Outcome = { kind: 'payload_too_large', next: 'stop', parks: 'nothing' };
const FILTERED: Outcome = { kind: 'content_filtered', next: 'stop', parks: 'nothing' };
export const FAILED: Outcome = { kind: 'upstream_unavailable', next: 'same-target', parks: 'nothing' };
export const OVERLOADED: Outcome = { kind: 'upstream_overloaded', next: 'same-target', parks: 'nothing' };
export const TOO_LATE: Outcome = { kind: 'upstream_timeout', next: 'other-target', parks: 'nothing' };
const REJECTED: Outcome = { kind: 'upstream_rejected', next: 'other-target', parks: 'nothing' };
export const GARBLED: Outcome = { kind: 'upstream_garbled', next: 'other-target', parks: 'nothing' };
export const BROKEN_OFF: Outcome = { kind: 'upstream_broken_off', next: 'same-target', parks: 'nothing' };
const EMPTY: Outcome = { kind: 'upstream_empty', next: 'same-target', parks: 'nothing' };
export const ANSWERED = null;

/** On a slow machine the time for the first content may be over before the limit of 64 MiB is reached. */
const HEAVY: Expected['among'] = ['upstream_garbled', 'upstream_timeout'];

/** Every entry of the catalogue by its id. */
export const EXPECTED: { readonly [id: string]: Expected } = {
  'openai-429-tpm': {
    outcome: RATE_LIMITED,
    retryAfterMs: 1834,
    differs: 'waits for retry-after, not for the reset of 6 minutes: that is when the bucket is full again',
  },
  'openai-429-rpm': { outcome: RATE_LIMITED, retryAfterMs: 20_000 },
  'openai-429-quota': { outcome: NO_QUOTA },
  'openai-401-key': { outcome: BAD_KEY },
  'openai-403-region': { outcome: BAD_KEY },
  'openai-404-model': { outcome: NO_MODEL },
  'openai-400-model': { outcome: NO_MODEL },
  'openai-404-deprecated': { outcome: NO_MODEL },
  'openai-400-context': { outcome: TOO_LONG },
  'openai-400-context-chat': { outcome: TOO_LONG },
  'openai-400-param': { outcome: CALLERS },
  'openai-400-policy': { outcome: FILTERED },
  'openai-500': { outcome: FAILED },
  'openai-503-overload': { outcome: OVERLOADED },
  'openai-503-slowdown': { outcome: OVERLOADED },
  'openai-530-edge': { outcome: FAILED },
  'openai-499': { outcome: FAILED },
  'openai-sse-error': { outcome: FAILED, begun: true },
  'openai-responses-failed': { outcome: FAILED },
  'openai-responses-error': { outcome: RATE_LIMITED },
  'openai-responses-incomplete': {
    outcome: BROKEN_OFF,
    whole: GARBLED,
    differs:
      'no provider is called on the Responses wire, so its events on another wire are no end of an answer',
  },
  'openai-encrypted-item': {
    outcome: REJECTED,
    differs:
      'no class of its own: the state is taken out for other providers by the codec, so going elsewhere is enough',
  },
  'anthropic-429': { outcome: RATE_LIMITED, retryAfterMs: 34_000 },
  'anthropic-429-spend': { outcome: NO_QUOTA },
  'anthropic-400-spend': { outcome: NO_QUOTA },
  'anthropic-402': { outcome: NO_QUOTA },
  'anthropic-529': { outcome: OVERLOADED },
  'anthropic-500': { outcome: FAILED },
  'anthropic-504': { outcome: TOO_LATE },
  'anthropic-401': { outcome: BAD_KEY },
  'anthropic-403': {
    outcome: BAD_KEY,
    differs: 'parks the key with all its models, not for this model only: one rule for refused credentials',
  },
  'anthropic-404': { outcome: NO_MODEL },
  'anthropic-413': { outcome: TOO_LARGE },
  'anthropic-400-context': { outcome: TOO_LONG },
  'anthropic-sse-overloaded': { outcome: OVERLOADED, begun: true },
  'anthropic-sse-overloaded-first': { outcome: OVERLOADED },
  'anthropic-ping-only': { outcome: TOO_LATE },
  'gemini-429-minute': { outcome: RATE_LIMITED, retryAfterMs: 48_000 },
  'gemini-429-day': {
    outcome: NO_QUOTA,
    retryAfterMs: 51_820_639,
    differs: 'parked for as long as the body says, which is midnight Pacific, without a calendar of our own',
  },
  'gemini-429-bare': { outcome: RATE_LIMITED },
  'gemini-503': { outcome: OVERLOADED },
  'gemini-503-capacity': { outcome: OVERLOADED, retryAfterMs: 9000 },
  'gemini-500': { outcome: FAILED },
  'gemini-504': { outcome: TOO_LATE },
  'gemini-400-key': { outcome: BAD_KEY },
  'gemini-404': { outcome: NO_MODEL },
  'gemini-400-context': { outcome: TOO_LONG },
  'gemini-200-blocked': { outcome: ANSWERED },
  'gemini-200-safety': { outcome: ANSWERED },
  'gemini-array-error': { outcome: RATE_LIMITED },
  'azure-429': { outcome: RATE_LIMITED, retryAfterMs: 1000 },
  'azure-401': { outcome: BAD_KEY },
  'azure-404': { outcome: NO_MODEL },
  'azure-400-filter': { outcome: FILTERED },
  'azure-limits-minus-one': {
    outcome: GARBLED,
    differs:
      'its headers say nothing, as they should; its body is of the Responses wire, which is no chat answer',
  },
  'bedrock-429': { outcome: RATE_LIMITED },
  'bedrock-429-notready': { outcome: OVERLOADED },
  'bedrock-424': { outcome: FAILED },
  'bedrock-408': { outcome: TOO_LATE },
  'bedrock-400-quota': { outcome: NO_QUOTA },
  'bedrock-403': { outcome: BAD_KEY },
  'bedrock-stream-exception': {
    outcome: BROKEN_OFF,
    whole: FAILED,
    differs: 'binary frames are no event stream; what they say is not read, the answer is not whole',
  },
  'bedrock-400-context': { outcome: TOO_LONG },
  'deepseek-402': { outcome: NO_QUOTA },
  'deepseek-401': { outcome: BAD_KEY },
  'deepseek-400-octet': { outcome: TOO_LONG },
  'deepseek-503': { outcome: OVERLOADED },
  'deepseek-keepalive': { outcome: TOO_LATE },
  'mistral-401': { outcome: BAD_KEY },
  'mistral-429-capacity': { outcome: RATE_LIMITED, retryAfterMs: 1000 },
  'mistral-422': { outcome: CALLERS },
  'groq-429': { outcome: RATE_LIMITED, retryAfterMs: 7000 },
  'groq-498': { outcome: OVERLOADED },
  'groq-400-tool': { outcome: REJECTED },
  'xai-400-key': { outcome: BAD_KEY },
  'cohere-400-context': { outcome: TOO_LONG },
  'cohere-404-retired': { outcome: NO_MODEL },
  'openrouter-429': { outcome: RATE_LIMITED },
  'openrouter-402': { outcome: NO_QUOTA },
  'openrouter-200-error': { outcome: FAILED },
  'openrouter-sse-error': { outcome: FAILED },
  'net-dns-nxdomain': { outcome: FAILED, place: 'unknown-name' },
  // The system's resolver cannot be made to hang; how long it may is a test of the transport on virtual time.
  'net-dns-timeout': { outcome: FAILED, place: 'unknown-name' },
  'net-refused': { outcome: FAILED, place: 'refused' },
  'net-connect-timeout': { outcome: TOO_LATE, place: 'black-hole' },
  'net-tls-expired': { outcome: FAILED, place: 'tls-untrusted' },
  'net-tls-name': { outcome: FAILED, place: 'tls-untrusted' },
  'net-tls-reset': { outcome: FAILED, place: 'tls-reset' },
  // The transport sends it again on a fresh connection, out of sight: it is one call in log and ledger.
  'net-keepalive-race': { outcome: ANSWERED, place: 'stale' },
  'net-reset-before-headers': { outcome: FAILED },
  'net-reset-after-headers': { outcome: FAILED },
  'net-hang-headers': { outcome: TOO_LATE },
  'net-hang-body': { outcome: TOO_LATE },
  'net-hang-midstream': { outcome: TOO_LATE, begun: true },
  'net-dribble': { outcome: TOO_LATE },
  'net-latency-10x': { outcome: ANSWERED },
  'net-jitter': { outcome: ANSWERED },
  'brownout-20': { outcome: FAILED },
  'brownout-50-flap': { outcome: OVERLOADED },
  'region-only': { outcome: FAILED },
  'model-only': { outcome: OVERLOADED },
  'html-502': { outcome: FAILED },
  'html-503': { outcome: OVERLOADED, retryAfterMs: 120_000 },
  'html-520': { outcome: FAILED },
  'html-522': { outcome: TOO_LATE },
  'html-524': { outcome: TOO_LATE },
  'html-200-login': { outcome: GARBLED },
  'json-truncated': { outcome: GARBLED },
  'json-empty': { outcome: GARBLED },
  'json-null-choices': { outcome: GARBLED },
  'empty-completion': { outcome: EMPTY },
  // A client of Anthropic's wire waits for its message_stop, which a provider of that wire must send where it is passed on.
  'sse-no-done': { outcome: ANSWERED, among: [null, 'upstream_broken_off'] },
  'sse-no-finish': { outcome: BROKEN_OFF, begun: true, whole: GARBLED },
  'sse-cut-mid-event': { outcome: BROKEN_OFF, begun: true, whole: GARBLED },
  'sse-split-utf8': { outcome: ANSWERED },
  'sse-crlf': { outcome: ANSWERED },
  'sse-dup-chunk': { outcome: ANSWERED },
  'sse-after-done': { outcome: ANSWERED },
  'sse-two-finish': { outcome: ANSWERED },
  'sse-tool-interleaved': { outcome: ANSWERED, calls: true },
  'sse-tool-missing-id': { outcome: ANSWERED, calls: true },
  'sse-tool-truncated': { outcome: BROKEN_OFF, begun: true, whole: GARBLED, calls: true },
  'sse-usage-missing': { outcome: ANSWERED },
  'sse-usage-null': { outcome: ANSWERED },
  'sse-usage-negative': { outcome: ANSWERED },
  'sse-json-in-stream': { outcome: ANSWERED },
  'gzip-undeclared': { outcome: GARBLED },
  'gzip-truncated': { outcome: GARBLED },
  'gzip-bomb': { outcome: GARBLED, among: HEAVY },
  'len-mismatch': { outcome: BROKEN_OFF },
  'huge-header': { outcome: GARBLED },
  'huge-event': { outcome: GARBLED, among: HEAVY },
  redirect: { outcome: GARBLED },
  'retry-after-huge': { outcome: RATE_LIMITED, retryAfterMs: 86_400_000 },
  'retry-after-past': { outcome: RATE_LIMITED, retryAfterMs: 0 },
  'retry-after-junk': { outcome: RATE_LIMITED },
  'retry-after-fraction': { outcome: RATE_LIMITED, retryAfterMs: 500 },
  'reset-formats': { outcome: RATE_LIMITED, retryAfterMs: 360_000 },
  'clock-skew': { outcome: RATE_LIMITED, retryAfterMs: 20_000 },
  // Spoken on HTTP/1.1: the connection ends before an answer.
  'h2-goaway': { outcome: FAILED },
  'early-100-hints': { outcome: ANSWERED },
  'early-error-upload': { outcome: BAD_KEY, place: 'early' },
  'capacity-all': { outcome: OVERLOADED },
  'correlated-two': { outcome: OVERLOADED },
};
