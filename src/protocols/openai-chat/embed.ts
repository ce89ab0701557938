import {
  asArray,
  asNumber,
  asString,
  compact,
  field,
  isArray,
  isObject,
  type Json,
} from '../../base/json.ts';
import { GatewayError, invalid } from '../../spec/error.ts';
import type { EmbedRequest, EmbedResult } from '../../spec/embed.ts';
import { inputTotal, UNKNOWN_USAGE } from '../../spec/usage.ts';
import type { DownstreamEmbed, UpstreamEmbed } from '../protocol.ts';
import { base64ToFloats, floatsToBase64 } from './base64-floats.ts';
import { failureIn, toGatewayError } from './error-decode.ts';
import { optionalInteger, optionalText, requiredText, wrong } from './fields.ts';
import { OPENAI_CHAT } from './id.ts';
import { encodeUserId } from './names.ts';
import { decodeUsage } from './usage.ts';
import { Warnings } from '../warnings.ts';

/** `POST /v1/embeddings` towards our clients. */
export const downstreamEmbed: DownstreamEmbed = {
  decodeRequest: decodeEmbedRequest,
  encodeResult: encodeEmbedResult,
};

/** `POST /embeddings` towards providers. */
export const upstreamEmbed: UpstreamEmbed = {
  path: () => '/embeddings',
  encodeRequest(request, target) {
    const warnings = new Warnings();
    const extras = request.extras?.origin === OPENAI_CHAT ? request.extras.fields : {};
    const body = compact({
      model: target.model,
      input: request.input,
      // Every provider knows numbers; the client's own choice is honoured on the way back.
      encoding_format: 'float',
      dimensions: request.dimensions,
      user: request.userId === undefined ? undefined : encodeUserId(request.userId),
      ...extras,
    });
    const refused = target.quirks.refusedFields.filter((name) => Object.hasOwn(body, name));
    for (const name of refused) {
      if (name !== 'encoding_format')
        warnings.add('dropped', name, `The provider refuses the field ${name}.`);
    }
    const kept = Object.entries(body).filter(([name]) => !refused.includes(name));
    return { body: Object.fromEntries(kept), warnings: warnings.list() };
  },
  decodeResult: decodeEmbedResult,
};

/** Makes the request of a client's body; throws `invalid_request` that names the field. */
export function decodeEmbedRequest(body: Json): EmbedRequest {
  if (!isObject(body)) throw invalid('body', 'The body must be a JSON object.');
  const encoding = optionalText(body, 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64') {
    throw invalid('encoding_format', `encoding_format is "${encoding}", but must be float or base64.`);
  }
  const dimensions = optionalInteger(body, 'dimensions', { min: 1 });
  const userId = optionalText(body, 'user');
  const others = Object.entries(body).filter(([name, value]) => !KNOWN.has(name) && value !== null);
  return {
    model: requiredText(body, 'model'),
    input: decodeInput(body['input']),
    encoding,
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(userId === undefined ? {} : { userId }),
    ...(others.length === 0 ? {} : { extras: { origin: OPENAI_CHAT, fields: Object.fromEntries(others) } }),
  };
}

/** The vectors in the form that the client asked for. */
export function encodeEmbedResult(result: EmbedResult, request: EmbedRequest): Json {
  const tokens = inputTotal(result.usage) ?? 0;
  return {
    object: 'list',
    data: result.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: request.encoding === 'base64' ? floatsToBase64(vector) : vector,
    })),
    model: request.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

const KNOWN: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format', 'dimensions', 'user']);

// A text, texts, a list of tokens, or lists of tokens.
function decodeInput(input: Json | undefined): EmbedRequest['input'] {
  if (typeof input === 'string') return [input];
  if (!isArray(input)) throw wrong('input', 'a string, an array of strings or an array of tokens', input);
  if (input.length === 0) throw invalid('input', 'input is empty; it must hold at least one text.');
  const tokens = tokensOf(input);
  if (tokens !== null) return [tokens];
  return input.map((entry, index) => {
    const entryTokens = isArray(entry) ? tokensOf(entry) : null;
    if (typeof entry === 'string') return entry;
    if (entryTokens !== null && entryTokens.length > 0) return entryTokens;
    throw wrong(`input[${index}]`, 'a string or an array of tokens', entry);
  });
}

function tokensOf(list: readonly Json[]): readonly number[] | null {
  const numbers = list.filter((entry) => typeof entry === 'number' && Number.isInteger(entry));
  return numbers.length === list.length ? numbers.map(Number) : null;
}

function decodeEmbedResult(body: Json): EmbedResult {
  const failure = failureIn(body);
  if (failure !== null) throw toGatewayError(failure);
  const data = asArray(field(body, 'data'));
  if (data.length === 0) throw garbled('without vectors');
  const placed = data.map((entry, place) => ({
    index: asNumber(field(entry, 'index')) ?? place,
    vector: vectorOf(field(entry, 'embedding')),
  }));
  return {
    model: asString(field(body, 'model')) ?? null,
    vectors: placed.toSorted((a, b) => a.index - b.index).map(({ vector }) => vector),
    usage: decodeEmbedUsage(field(body, 'usage')),
  };
}

// Mistral and others count `completion_tokens: 0`; a model of vectors writes nothing.
function decodeEmbedUsage(usage: Json | undefined): EmbedResult['usage'] {
  const tokens = asNumber(field(usage, 'prompt_tokens')) ?? asNumber(field(usage, 'total_tokens'));
  if (tokens === undefined) return UNKNOWN_USAGE;
  return decodeUsage({ prompt_tokens: tokens, completion_tokens: 0 }, false) ?? UNKNOWN_USAGE;
}

function vectorOf(embedding: Json | undefined): readonly number[] {
  if (typeof embedding === 'string') {
    const values = base64ToFloats(embedding);
    if (values !== null) return values;
  } else if (isArray(embedding) && embedding.every((value) => typeof value === 'number')) {
    return embedding.map(Number);
  }
  throw garbled('with a vector that is neither numbers nor base64');
}

function garbled(what: string): GatewayError {
  return new GatewayError('upstream_garbled', `The provider answered ${what}.`);
}
