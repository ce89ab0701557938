import type { ProviderFailure } from '../protocols/protocol.ts';
import { GatewayError } from '../spec/error.ts';
import { BYTES_PER_TOKEN_MAX, CHARS_PER_TOKEN, exactFacts } from './facts.ts';
import type { RequestRun } from './request-run.ts';

/**
 * A refusal in the light of its request. A limit of tokens that this prompt alone exceeds comes as a limit of the rate (Gemini,
 * recorded); kept for one, it would take the target from everybody for what one caller sent.
 */
export function inLightOf(run: RequestRun, failure: ProviderFailure): ProviderFailure {
  const { kind, tokensMax } = failure;
  if (kind !== 'upstream_rate_limited' || tokensMax === undefined) return failure;
  const tokens = promptTokens(run);
  if (tokens <= tokensMax) return failure;
  return { ...failure, kind: 'context_too_long', retryAfterMs: null, tokens };
}

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

// The prompt in tokens as it probably is, without its media; 0 where it is not understood.
function promptTokens(run: RequestRun): number {
  if (run.call.surface.operation !== 'generate') return 0;
  try {
    const { inputTokens } = exactFacts(run.decoded(), run.call.body, run.call.surface.protocol.id);
    return Math.floor((inputTokens * BYTES_PER_TOKEN_MAX) / CHARS_PER_TOKEN);
  } catch {
    return 0;
  }
}
