import type { ProviderFailure } from '../protocols/protocol.ts';
import { GatewayError } from '../spec/error.ts';

/** A provider's refusal of the client's own bytes, with what it names of them. Codes that are types say no more than the status. */
export function namedRefusal(
  { kind, message, code, field }: ProviderFailure,
  upstreamStatus: number,
): GatewayError {
  return new GatewayError(kind, message, {
    providerMessage: message,
    upstreamStatus,
    ...(code === null || code.endsWith('_error') ? {} : { code }),
    ...(field === undefined ? {} : { field }),
  });
}
