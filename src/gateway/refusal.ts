import { brandText } from '../base/brand.ts';
import type { Bytes } from '../base/bytes.ts';
import type { ProviderFailure } from '../protocols/protocol.ts';
import { GatewayError } from '../spec/error.ts';
import type { Headers } from '../spec/wire.ts';
import { BYTES_PER_TOKEN_MAX, CHARS_PER_TOKEN, exactFacts } from './facts.ts';
import type { Outgoing } from './outgoing.ts';
import { opening } from './receive-whole.ts';
import type { ReceivedFailure } from './receiver.ts';
import type { RequestRun } from './request-run.ts';

/** Longest body of a refusal that is read. */
const BODY_BYTES_MAX = 256 * 1024;

/** What a provider says instead of an answer: an error status with its body, or a web page. */
export class Refusal {
  readonly #status: number;
  readonly #headers: Headers;
  #body = '';

  constructor(status: number, headers: Headers) {
    this.#status = status;
    this.#headers = headers;
  }

  /** More of its body; false once that is longer than what is read of one. */
  add(bytes: Bytes): boolean {
    this.#body += bytes;
    return this.#body.length <= BODY_BYTES_MAX;
  }

  /** What it means; `told` is the error itself where the client understands what the provider names. */
  read(
    run: RequestRun,
    { protocol, through }: Outgoing,
  ): { failure: ReceivedFailure; told: GatewayError | null } {
    const body = brandText<Bytes>(this.#body);
    const status = this.#status;
    if (status >= 200 && status <= 299) {
      const message = `its answer is a web page: ${opening(body)}`;
      return { failure: { kind: 'upstream_garbled', message }, told: null };
    }
    const said = protocol.upstream.decodeError(status, this.#headers, body, run.nowMs());
    const failure = inLightOf(run, said);
    // What was refused are the client's own bytes, so it understands what the provider names of them.
    const understood = through && failure.kind === 'invalid_request';
    return { failure, told: understood ? namedRefusal(failure, status) : null };
  }
}

// A limit of tokens that this prompt alone exceeds comes as a limit of the rate (Gemini, recorded); kept for one, it would
// take the target from everybody for what one caller sent.
function inLightOf(run: RequestRun, failure: ProviderFailure): ProviderFailure {
  const { kind, tokensMax } = failure;
  if (kind !== 'upstream_rate_limited' || tokensMax === undefined) return failure;
  const tokens = promptTokens(run);
  if (tokens <= tokensMax) return failure;
  return { ...failure, kind: 'context_too_long', retryAfterMs: null, tokens };
}

// A provider's refusal of the client's own bytes, with what it names of them. Codes that are types say no more than the status.
function namedRefusal({ kind, message, code, field }: ProviderFailure, upstreamStatus: number): GatewayError {
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
