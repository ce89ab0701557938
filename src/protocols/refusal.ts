import { bytesToText, type Bytes } from '../base/bytes.ts';
import {
  asArray,
  asNumber,
  asString,
  field,
  fieldAt,
  isArray,
  isObject,
  parseJsonOr,
  type Json,
} from '../base/json.ts';
import { header, type Headers } from '../spec/wire.ts';
import { contextOverflow } from './context-overflow.ts';
import type { ProviderFailure } from './protocol.ts';
import { kindOfRefusal, type Refusal } from './refusal-kind.ts';
import { durationMs, retryAfterInText, retryAfterMs } from './retry-after.ts';
import { scrub } from './scrub.ts';

/** Understands the refusal of a provider in whatever envelope it comes. Never throws. */
export function readRefusal(
  status: number,
  headers: Headers,
  body: Bytes,
  nowMs: number | null,
): ProviderFailure {
  const text = bytesToText(body);
  const json = parseJsonOr(text, null);
  return failureOf(withHeaders(refusalIn(json, status) ?? unspoken(status, text), headers, nowMs));
}

/** The error inside an answer or a stream event that came with status 200; null where there is none. */
export function errorInside(body: Json): ProviderFailure | null {
  const envelope = unwrapped(body);
  const type = field(envelope, 'type');
  // OpenAI's Responses wire, which some proxies let slip into the streams of another.
  if (type === 'response.failed') {
    const error = fieldAt(envelope, 'response', 'error') ?? null;
    return failureOf(refusalOf(isObject(error) ? error : { message: 'the response failed' }, 200));
  }
  const error = field(envelope, 'error');
  const isError =
    (error !== undefined && error !== null) || field(envelope, 'object') === 'error' || type === 'error';
  if (!isError) return null;
  const refusal = refusalIn(envelope, 200);
  return refusal === null ? null : failureOf(refusal);
}

function failureOf(refusal: Refusal): ProviderFailure {
  const kind = kindOfRefusal(refusal);
  const sizes = kind === 'context_too_long' ? contextOverflow(refusal.message) : null;
  return {
    kind,
    message: scrub(refusal.message),
    code: refusal.codes[0] ?? refusal.type,
    ...(refusal.param === undefined ? {} : { field: refusal.param }),
    retryAfterMs: refusal.waitMs ?? retryAfterInText(refusal.message),
    ...sizes,
  };
}

/**
 * The envelopes: `{error:{message,type,param,code}}` (OpenAI, Azure without type, OpenRouter with a numeric code, Google
 * with a status), the same in a list (Google), `{error:"text", code}` (xAI, Ollama), `{detail}` and `{object:"error"}`
 * (Mistral), `{message}` (Cohere, Bedrock).
 */
function refusalIn(json: Json, status: number): Refusal | null {
  const envelope = unwrapped(json);
  if (!isObject(envelope)) return null;
  const { error } = envelope;
  if (isObject(error)) return refusalOf(error, status, asString(fieldAt(error, 'metadata', 'raw')));
  if (typeof error === 'string') return refusalOf({ ...envelope, message: error }, status);
  const told = envelope['message'] ?? envelope['Message'] ?? envelope['detail'];
  return told === undefined ? null : refusalOf({ ...envelope, message: told }, status);
}

// Google wraps its errors in an array on streams without alt=sse (recorded).
function unwrapped(json: Json): Json {
  return isArray(json) ? (json[0] ?? null) : json;
}

function refusalOf(error: Json, status: number, raw?: string): Refusal {
  const code = field(error, 'code');
  const message = messageText(field(error, 'message'));
  const param = asString(field(error, 'param'));
  const details = asArray(field(error, 'details'));
  const waitMs = delayIn(details);
  return {
    ...(param === undefined || param === '' ? {} : { param }),
    status:
      status >= 400 ? status : (statusNamed(code) ?? statusNamed(field(error, 'status_code')) ?? status),
    type: firstText(error, ['type', 'status', 'error_type']),
    codes: [
      ...(isUsedUp(details) || (waitMs ?? 0) > RATE_LIMIT_WAIT_MAX_MS ? ['QUOTA_EXHAUSTED'] : []),
      fieldAt(error, 'innererror', 'code'),
      fieldAt(error, 'details', 'error_code'),
      ...details.map((detail) => field(detail, 'reason')),
      typeof code === 'number' ? String(code) : code,
      ...asArray(field(error, 'errors')).map((each) => field(each, 'reason')),
    ].filter((each): each is string => typeof each === 'string'),
    message: raw === undefined ? message : `${message}: ${raw}`,
    spoken: 'api',
    waitMs,
  };
}

// Bedrock tells the exception in a header, with or without the address of its documentation behind it.
function withHeaders(refusal: Refusal, headers: Headers, nowMs: number | null): Refusal {
  const waitMs = retryAfterMs(headers, nowMs) ?? refusal.waitMs;
  const exception = header(headers, 'x-amzn-errortype')?.split(':')[0]?.trim();
  if (exception === undefined || exception === '') return { ...refusal, waitMs };
  return { ...refusal, waitMs, type: refusal.type ?? exception, codes: [exception, ...refusal.codes] };
}

// Mistral puts the list of validation errors where the message should be.
function messageText(told: Json | undefined): string {
  if (typeof told === 'string') return told;
  return told === undefined || told === null ? 'no message' : JSON.stringify(told);
}

function firstText(error: Json, names: readonly string[]): string | null {
  for (const name of names) {
    const value = asString(field(error, name));
    if (value !== undefined) return value;
  }
  return null;
}

function statusNamed(value: Json | undefined): number | null {
  const number = typeof value === 'string' ? Number(value) : asNumber(value);
  return number !== undefined && number >= 400 && number <= 599 ? number : null;
}

// Google tells the wait, and which quota it is, in the error's details.
function delayIn(details: readonly Json[]): number | null {
  for (const detail of details) {
    const delay = asString(field(detail, 'retryDelay'));
    if (delay !== undefined) return durationMs(delay);
  }
  return null;
}

/** Whether the details of an error of Google say that the quota of a day is used up, not that of a minute. */
export function isUsedUp(details: readonly Json[]): boolean {
  return details.some((detail) => {
    if (PER_DAY.test(asString(fieldAt(detail, 'metadata', 'quota_limit')) ?? '')) return true;
    return asArray(field(detail, 'violations')).some((violation) =>
      PER_DAY.test(asString(field(violation, 'quotaId')) ?? ''),
    );
  });
}

/** A wait of more than this in Google's details is no rate limit: the quota of the day is used up. */
export const RATE_LIMIT_WAIT_MAX_MS = 3_600_000;
const PER_DAY = /per[ _-]?day|daily/i;

// An HTML page says nothing to a caller; its title is enough for a log.
function unspoken(status: number, text: string): Refusal {
  const trimmed = text.trim();
  const said = { status, type: null, codes: [], waitMs: null };
  if (trimmed.startsWith('<')) {
    const title = /<title>([^<]{0,200})<\/title>/i.exec(trimmed)?.[1]?.trim() ?? '';
    const message =
      title === '' ? `HTTP status ${status} with a web page` : `HTTP status ${status}: ${title}`;
    return { ...said, message, spoken: 'page' };
  }
  const legible = trimmed !== '' && !ILLEGIBLE.test(trimmed.slice(0, 2000));
  return { ...said, message: legible ? trimmed : `HTTP status ${status}`, spoken: 'nobody' };
}

// Control characters, and what stands for bytes that are no UTF-8.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const ILLEGIBLE = /[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/;
