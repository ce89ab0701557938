import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../../../test/shared.ts';
import { textToBytes } from '../../base/bytes.ts';
import { GatewayError, type ErrorKind } from '../../spec/error.ts';
import type { Headers } from '../../spec/wire.ts';
import { decodePieces } from '../testing/describe-protocol.ts';
import { decodeError } from './error-decode.ts';
import { encodeError } from './error-encode.ts';
import { openaiChat } from './protocol.ts';

interface Fault {
  readonly id: string;
  readonly provider: string;
  readonly cls: string;
  readonly phase: string;
  readonly status: number | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

// The classes of the catalogue in the words of the error table.
const KIND_OF_CLASS: Readonly<Record<string, readonly ErrorKind[]>> = {
  rate_limit: ['upstream_rate_limited', 'upstream_overloaded'],
  quota_exhausted: ['upstream_quota_exhausted'],
  billing: ['upstream_quota_exhausted'],
  auth: ['upstream_misconfigured'],
  permission: ['upstream_misconfigured'],
  model_missing: ['upstream_model_missing'],
  model_retired: ['upstream_model_missing'],
  context_length: ['context_too_long'],
  bad_request: ['invalid_request'],
  content_filter: ['content_filtered'],
  server_error: ['upstream_unavailable'],
  overloaded: ['upstream_overloaded'],
  timeout: ['upstream_timeout'],
  model_output_invalid: ['upstream_rejected'],
  affinity: ['upstream_rejected'],
  edge_html: ['upstream_unavailable', 'upstream_overloaded', 'upstream_timeout'],
  edge_status: ['upstream_unavailable'],
};

// Providers of this wire; the faults of other wires are other codecs' business.
const SPEAKERS = new Set([
  'openai',
  'azure',
  'azure-ai',
  'deepseek',
  'mistral',
  'groq',
  'xai',
  'openrouter',
  'any',
]);

describeShared('the catalogue of provider faults', () => {
  const lines = readFileSync(sharedPath('data', 'wire', 'provider_faults.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const faults = lines.map((line) => JSON.parse(line) as Fault);
  const refusals = faults.filter(
    ({ provider, cls, phase, status }) =>
      SPEAKERS.has(provider) &&
      phase === 'headers' &&
      (status ?? 0) >= 400 &&
      KIND_OF_CLASS[cls] !== undefined,
  );

  it('is there', () => {
    expect(refusals.length).toBeGreaterThan(30);
  });

  it.each(refusals.map((fault) => [fault.id, fault] as const))('classifies %s', (_, fault) => {
    const headers: Headers = Object.entries(fault.headers ?? {});
    const failure = decodeError(fault.status!, headers, textToBytes(fault.body));
    expect(KIND_OF_CLASS[fault.cls]).toContain(failure.kind);
    expect(failure.message).not.toMatch(/sk-[a-z]|\*\*\*/);
  });
});

describe('decodeError', () => {
  it.each<readonly [name: string, status: number, body: unknown, kind: ErrorKind]>([
    [
      'OpenAI without quota',
      429,
      {
        error: {
          message: 'You exceeded your current quota',
          type: 'insufficient_quota',
          code: 'insufficient_quota',
        },
      },
      'upstream_quota_exhausted',
    ],
    [
      'Azure without a type',
      429,
      {
        error: {
          code: '429',
          message: 'Requests have exceeded the rate limit. Please retry after 3 seconds.',
        },
      },
      'upstream_rate_limited',
    ],
    [
      'Azure content filter',
      400,
      {
        error: {
          message: 'The response was filtered',
          code: 'content_filter',
          innererror: { code: 'ResponsibleAIPolicyViolation' },
        },
      },
      'content_filtered',
    ],
    [
      'OpenRouter with a numeric code inside 200',
      200,
      { error: { code: 502, message: 'Provider returned error' } },
      'upstream_unavailable',
    ],
    [
      'OpenRouter rate limit inside 200',
      200,
      { error: { code: 429, message: 'Provider returned error' } },
      'upstream_rate_limited',
    ],
    [
      'xAI with the error as text',
      400,
      { code: 'invalid-argument', error: 'Incorrect API key provided. You can obtain one' },
      'upstream_misconfigured',
    ],
    ['Ollama', 404, { error: "model 'x' not found" }, 'upstream_model_missing'],
    ['Mistral detail', 401, { detail: 'Invalid API Key' }, 'upstream_misconfigured'],
    [
      'Mistral validation',
      422,
      {
        object: 'error',
        message: { detail: [{ msg: 'Extra inputs are not permitted' }] },
        type: 'invalid_request_error',
      },
      'invalid_request',
    ],
    [
      'Google in a list',
      429,
      [
        {
          error: {
            code: 429,
            message: 'Resource exhausted. Please try again later.',
            status: 'RESOURCE_EXHAUSTED',
          },
        },
      ],
      'upstream_rate_limited',
    ],
    [
      'Google bad key with 400',
      400,
      [
        {
          error: {
            code: 400,
            message: 'API key not valid. Please pass a valid API key.',
            status: 'INVALID_ARGUMENT',
          },
        },
      ],
      'upstream_misconfigured',
    ],
    ['Cerebras over-long without a body', 413, '', 'context_too_long'],
    [
      'a throttling that reads like an overflow',
      429,
      { message: 'Too many tokens, please wait before trying again.' },
      'upstream_rate_limited',
    ],
    [
      'a web page in place of an API',
      404,
      '<html><title>404 Not Found</title></html>',
      'upstream_misconfigured',
    ],
    ['a proxy', 502, '<html><title>502 Bad Gateway</title></html>', 'upstream_unavailable'],
  ])('understands %s', (_, status, body, kind) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    expect(decodeError(status, [], textToBytes(text)).kind).toBe(kind);
  });

  it('tells sizes, waits and codes', () => {
    const message =
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 140021 tokens.";
    const body = JSON.stringify({
      error: { message, type: 'invalid_request_error', code: 'context_length_exceeded' },
    });
    expect(decodeError(400, [], textToBytes(body))).toMatchObject({ tokens: 140_021, tokensMax: 128_000 });
    const wait = JSON.stringify({
      error: { message: 'Please try again in 7.66s.', code: 'rate_limit_exceeded' },
    });
    expect(decodeError(429, [], textToBytes(wait))).toMatchObject({
      retryAfterMs: 7660,
      code: 'rate_limit_exceeded',
    });
    const google = JSON.stringify([{ error: { code: 429, details: [{ retryDelay: '48s' }] } }]);
    expect(decodeError(429, [], textToBytes(google)).retryAfterMs).toBe(48_000);
  });
});

describe('encodeError', () => {
  it('says an overflow of any provider in the words that clients of this wire read', () => {
    const error = new GatewayError('context_too_long', 'The prompt does not fit into the model.', {
      tokens: 210_000,
      tokensMax: 200_000,
      providerMessage: 'prompt is too long: 210000 tokens > 200000 maximum',
    });
    expect(JSON.stringify(encodeError(error).body)).toContain('maximum context length is 200000 tokens');
  });

  it('does not tell what the provider said where that is not for the caller', () => {
    const error = new GatewayError('upstream_misconfigured', 'The provider refused.', {
      providerMessage: 'the secret',
    });
    expect(JSON.stringify(encodeError(error).body)).not.toContain('the secret');
  });

  it('names the field and tells when to try again', () => {
    const error = new GatewayError('rate_limited', 'Too many.', {
      retryAfterMs: 1500,
      field: 'messages[2].content',
    });
    expect(encodeError(error)).toEqual({
      status: 429,
      headers: [
        ['retry-after', '2'],
        ['retry-after-ms', '1500'],
      ],
      body: {
        error: {
          message: 'Too many.',
          type: 'rate_limit_error',
          param: 'messages[2].content',
          code: 'rate_limit_exceeded',
        },
      },
    });
  });
});

describe('errors inside a stream', () => {
  const chunk = 'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}\n\n';
  const failed = 'data: {"error":{"code":502,"message":"Provider disconnected"}}\n\n';
  const finished = 'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}\n\n';

  it('end it with an error of the right kind', () => {
    expect(decodePieces(openaiChat, [chunk + failed + chunk]).at(-1)).toEqual({
      type: 'error',
      kind: 'upstream_unavailable',
      message: 'Provider disconnected',
    });
  });

  it('change nothing once the answer is finished', () => {
    const parts = decodePieces(openaiChat, [chunk + finished + failed]);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finish: { reason: 'length' } });
  });

  it('are a garbled stream where an event is not JSON', () => {
    expect(decodePieces(openaiChat, ['data: <html>\n\n'])).toMatchObject([
      { type: 'error', kind: 'upstream_garbled' },
    ]);
  });
});
