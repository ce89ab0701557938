import { bytesToText, type Bytes } from '../../base/bytes.ts';
import {
  asNumber,
  asString,
  field,
  fieldAt,
  isArray,
  isObject,
  parseJsonOr,
  type Json,
} from '../../base/json.ts';
import { GatewayError, type ErrorKind } from '../../spec/error.ts';
import type { Headers } from '../../spec/wire.ts';
import { contextOverflow } from '../context-overflow.ts';
import type { ProviderFailure } from '../protocol.ts';
import { durationMs, retryAfterInText, retryAfterMs } from '../retry-after.ts';
import { scrub } from '../scrub.ts';
import { classify, type Refusal } from './error-classify.ts';

/** A provider's refusal, understood: any envelope that providers of this wire were seen to send. Never throws. */
export function decodeError(status: number, headers: Headers, body: Bytes): ProviderFailure {
  const text = bytesToText(body);
  const json = parseJsonOr(text, null);
  const refusal = refusalIn(json, status) ?? {
    status,
    type: null,
    code: null,
    message: plainText(text),
    told: false,
  };
  return failureOf(refusal, retryAfterMs(headers, null) ?? retryDelayIn(json));
}

/** The error inside an answer or a stream event with status 200; null where there is none. */
export function failureIn(body: Json): ProviderFailure | null {
  const envelope = isArray(body) ? (body[0] ?? null) : body;
  const error = field(envelope, 'error');
  const isError = (error !== undefined && error !== null) || field(envelope, 'object') === 'error';
  if (!isError) return null;
  const refusal = refusalIn(envelope, 200);
  return refusal === null ? null : failureOf(refusal, retryDelayIn(envelope));
}

/** The failure as an error that ends an attempt. */
export function toGatewayError(failure: ProviderFailure): GatewayError {
  const { kind, message, code, retryAfterMs: waitMs, tokens, tokensMax } = failure;
  return new GatewayError(kind, `The provider answered with an error: ${message}`, {
    providerMessage: message,
    ...(code === null ? {} : { code }),
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(tokensMax === undefined ? {} : { tokensMax }),
  });
}

function failureOf(refusal: Refusal, waitMs: number | null): ProviderFailure {
  const kind: ErrorKind = classify(refusal, waitMs);
  const sizes = kind === 'context_too_long' ? contextOverflow(refusal.message) : null;
  return {
    kind,
    message: scrub(refusal.message),
    code: refusal.code ?? refusal.type,
    ...(refusal.param === undefined ? {} : { field: refusal.param }),
    retryAfterMs: waitMs ?? retryAfterInText(refusal.message),
    ...sizes,
  };
}

/**
 * The envelopes: `{error:{message,type,param,code}}` (OpenAI, Azure without type, OpenRouter with a numeric code, Google
 * with a status), the same in a list (Google), `{error:"text", code}` (xAI, Ollama), `{detail}` and `{object:"error"}`
 * (Mistral), `{message}` (Cohere, Bedrock).
 */
function refusalIn(json: Json, status: number): Refusal | null {
  const envelope = isArray(json) ? json[0] : json;
  if (!isObject(envelope)) return null;
  const { error } = envelope;
  if (isObject(error)) return refusalOf(error, status, asString(fieldAt(error, 'metadata', 'raw')));
  if (typeof error === 'string') return refusalOf({ ...envelope, message: error }, status);
  const detail = envelope['detail'];
  if (envelope['message'] === undefined && detail === undefined) return null;
  return refusalOf({ ...envelope, message: envelope['message'] ?? detail }, status);
}

function refusalOf(error: Json, status: number, raw?: string): Refusal {
  const code = field(error, 'code');
  const message = messageText(field(error, 'message'));
  const param = asString(field(error, 'param'));
  return {
    ...(param === undefined || param === '' ? {} : { param }),
    status:
      status >= 400 ? status : (numericStatus(code) ?? numericStatus(field(error, 'status_code')) ?? status),
    type: firstText(error, ['type', 'status', 'error_type']),
    code:
      asString(fieldAt(error, 'innererror', 'code')) ??
      (typeof code === 'number' ? String(code) : textOrNull(code)),
    message: raw === undefined ? message : `${message}: ${raw}`,
    told: true,
  };
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

function textOrNull(value: Json | undefined): string | null {
  return asString(value) ?? null;
}

function numericStatus(value: Json | undefined): number | null {
  const number = typeof value === 'string' ? Number(value) : asNumber(value);
  return number !== undefined && number >= 400 && number <= 599 ? number : null;
}

// Google tells the wait in the error's details.
function retryDelayIn(json: Json): number | null {
  const envelope = isArray(json) ? json[0] : json;
  const details = fieldAt(envelope, 'error', 'details');
  if (!isArray(details)) return null;
  for (const detail of details) {
    const delay = asString(field(detail, 'retryDelay'));
    if (delay !== undefined) return durationMs(delay);
  }
  return null;
}

// An HTML page says nothing to a caller; its title is enough for a log.
function plainText(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'no message';
  if (!trimmed.startsWith('<')) return trimmed;
  const title = /<title>([^<]*)<\/title>/i.exec(trimmed)?.[1]?.trim();
  return title === undefined || title === '' ? 'an HTML page' : `an HTML page: ${title}`;
}
