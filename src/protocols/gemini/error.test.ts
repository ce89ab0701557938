import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../../../test/shared.ts';
import { textToBytes } from '../../base/bytes.ts';
import { GatewayError, type ErrorKind } from '../../spec/error.ts';
import { decodeError } from './error-decode.ts';
import { encodeError } from './error-encode.ts';

describe('a refusal of Google', () => {
  it.each<[string, number, object, ErrorKind]>([
    [
      'a bad key, which is a 400',
      400,
      error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
        { reason: 'API_KEY_INVALID' },
      ]),
      'upstream_misconfigured',
    ],
    [
      'a bad key without details',
      400,
      error(400, 'INVALID_ARGUMENT', 'API key not valid.'),
      'upstream_misconfigured',
    ],
    [
      'no key at all',
      403,
      error(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers"),
      'upstream_misconfigured',
    ],
    [
      "somebody else's file",
      403,
      error(
        403,
        'PERMISSION_DENIED',
        'You do not have permission to access the File abc or it may not exist.',
      ),
      'invalid_request',
    ],
    [
      'a model that is not there',
      404,
      error(404, 'NOT_FOUND', 'models/gemini-9 is not found for API version v1beta'),
      'upstream_model_missing',
    ],
    [
      'a cache that is not there',
      404,
      error(404, 'NOT_FOUND', 'Cached content not found.'),
      'invalid_request',
    ],
    [
      'a malformed request',
      400,
      error(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unknown name "x".'),
      'invalid_request',
    ],
    [
      'a URL that Google cannot read',
      400,
      error(400, 'INVALID_ARGUMENT', 'Cannot fetch content from the provided URL.'),
      'invalid_request',
    ],
    [
      'a place without a free tier',
      400,
      error(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
      'upstream_misconfigured',
    ],
    [
      'an overloaded model',
      503,
      error(503, 'UNAVAILABLE', 'The model is overloaded.'),
      'upstream_overloaded',
    ],
    [
      'no capacity',
      503,
      error(503, 'UNAVAILABLE', 'No capacity', [{ reason: 'MODEL_CAPACITY_EXHAUSTED' }]),
      'upstream_overloaded',
    ],
    [
      'a fault inside',
      500,
      error(500, 'INTERNAL', 'An internal error has occurred.'),
      'upstream_unavailable',
    ],
    ['a deadline', 504, error(504, 'DEADLINE_EXCEEDED', 'The request timed out.'), 'upstream_timeout'],
    [
      'a busy minute',
      429,
      error(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'),
      'upstream_rate_limited',
    ],
    [
      'a busy minute by its quota',
      429,
      error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [
        { violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }] },
      ]),
      'upstream_rate_limited',
    ],
    [
      'a day that is used up',
      429,
      error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [
        { violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }] },
      ]),
      'upstream_quota_exhausted',
    ],
    [
      'a quota of nothing',
      429,
      error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for metric: requests, limit: 0, model: gemini-3-pro'),
      'upstream_quota_exhausted',
    ],
    [
      'an array around the envelope',
      429,
      [error(429, 'RESOURCE_EXHAUSTED', 'Resource exhausted.')],
      'upstream_rate_limited',
    ],
    ['an unknown status word', 418, error(418, 'TEAPOT', 'Short and stout.'), 'upstream_rejected'],
  ])('means what it says: %s', (_, status, body, kind) => {
    expect(decodeError(status, [], textToBytes(JSON.stringify(body))).kind).toBe(kind);
  });

  it.each<[number, ErrorKind]>([
    [400, 'upstream_rejected'],
    [401, 'upstream_misconfigured'],
    [404, 'upstream_misconfigured'],
    [413, 'payload_too_large'],
    [429, 'upstream_rate_limited'],
    [502, 'upstream_unavailable'],
    [503, 'upstream_overloaded'],
    [200, 'upstream_garbled'],
  ])('without the envelope is judged by status %i', (status, kind) => {
    expect(decodeError(status, [], textToBytes('<html>Error</html>')).kind).toBe(kind);
  });

  it('tells how long the prompt is and how long it may be', () => {
    const message = 'The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).';
    const failure = decodeError(
      400,
      [],
      textToBytes(JSON.stringify(error(400, 'INVALID_ARGUMENT', message))),
    );
    expect(failure).toMatchObject({ kind: 'context_too_long', tokens: 1_250_074, tokensMax: 1_048_576 });
  });

  it('tells the limit of tokens per minute, which one prompt alone may exceed', () => {
    const message =
      'Quota exceeded for metric: x/generate_content_paid_tier_input_token_count, limit: 1000000, model: m\nPlease retry in 48.9s.';
    const failure = decodeError(
      429,
      [],
      textToBytes(JSON.stringify(error(429, 'RESOURCE_EXHAUSTED', message))),
    );
    expect(failure).toMatchObject({
      kind: 'upstream_rate_limited',
      tokensMax: 1_000_000,
      retryAfterMs: 48_900,
    });
  });

  it.each([
    ['48s', 48_000, 'upstream_rate_limited'],
    ['0.5s', 500, 'upstream_rate_limited'],
    ['51820.638305887s', 51_820_639, 'upstream_quota_exhausted'],
  ])('asks for a wait of %s in its details', (retryDelay, retryAfterMs, kind) => {
    const body = error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [{ retryDelay }]);
    expect(decodeError(429, [], textToBytes(JSON.stringify(body)))).toMatchObject({ retryAfterMs, kind });
  });

  it('never repeats a key', () => {
    const body = error(400, 'INVALID_ARGUMENT', 'API key AIzaSyA-1234567890abcdefghijklmnopqrstuv not valid');
    expect(decodeError(400, [], textToBytes(JSON.stringify(body))).message).not.toContain('AIzaSyA');
  });
});

describe('an error towards a Gemini client', () => {
  it('names the field and the wait where they are known', () => {
    const detail = { field: 'contents[0].parts', retryAfterMs: 1500 };
    const { headers, body } = encodeError(
      new GatewayError('invalid_request', 'It must be an array.', detail),
      'req_1',
    );
    expect(headers).toEqual([['retry-after', '2']]);
    expect(body).toEqual({
      error: {
        code: 400,
        message: 'It must be an array.',
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'INVALID_REQUEST',
            domain: 'bellwether',
            metadata: { request_id: 'req_1' },
          },
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'contents[0].parts', description: 'It must be an array.' }],
          },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' },
        ],
      },
    });
  });

  it('keeps the words of a provider to itself unless the request is at fault', () => {
    const say = (kind: ErrorKind): string =>
      JSON.stringify(encodeError(new GatewayError(kind, 'Ours.', { providerMessage: 'Theirs.' }), 'r').body);
    expect(say('upstream_misconfigured')).not.toContain('Theirs.');
    expect(say('context_too_long')).toContain('Theirs.');
  });
});

describeShared('catalogued faults of Google', () => {
  const kinds: { readonly [cls: string]: ErrorKind } = {
    rate_limit: 'upstream_rate_limited',
    quota_exhausted: 'upstream_quota_exhausted',
    overloaded: 'upstream_overloaded',
    server_error: 'upstream_unavailable',
    timeout: 'upstream_timeout',
    auth: 'upstream_misconfigured',
    model_missing: 'upstream_model_missing',
    context_length: 'context_too_long',
  };
  const faults = readFileSync(sharedPath('data', 'wire', 'provider_faults.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as { id: string; provider: string; cls: string; status: number; body: string },
    )
    .filter(({ provider, status }) => provider === 'google' && status >= 400);

  it('are there', () => {
    expect(faults.length).toBeGreaterThan(9);
  });

  it.each(faults.map((fault) => [fault.id, fault] as const))(
    '%s is classified',
    (_, { status, body, cls }) => {
      expect(decodeError(status, [], textToBytes(body)).kind).toBe(kinds[cls]);
    },
  );
});

function error(code: number, status: string, message: string, details: readonly object[] = []): object {
  return { error: { code, message, status, details } };
}
