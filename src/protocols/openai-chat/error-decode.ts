import type { Bytes } from '../../base/bytes.ts';
import type { Json } from '../../base/json.ts';
import { GatewayError } from '../../spec/error.ts';
import type { Headers } from '../../spec/wire.ts';
import type { ProviderFailure } from '../protocol.ts';
import { errorInside, readRefusal } from '../refusal.ts';

/** A provider's refusal, understood: any envelope that providers of this wire were seen to send. Never throws. */
export function decodeError(
  status: number,
  headers: Headers,
  body: Bytes,
  nowMs: number | null = null,
): ProviderFailure {
  return readRefusal(status, headers, body, nowMs);
}

/** The error inside an answer or a stream event with status 200; null where there is none. */
export function failureIn(body: Json): ProviderFailure | null {
  return errorInside(body);
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
