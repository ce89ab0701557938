import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandText } from '../base/brand.ts';
import { textToBytes, type Bytes } from '../base/bytes.ts';
import { GatewayError, ruleOf, type ErrorKind } from '../spec/error.ts';
import type { Headers } from '../spec/wire.ts';
import { PROTOCOLS } from './index.ts';
import { errorInside, readRefusal } from './refusal.ts';

const NOW_MS = Date.UTC(2026, 9, 21, 7, 27, 0);

describe('a refusal in the envelope of another wire', () => {
  const cases: readonly (readonly [
    name: string,
    status: number,
    headers: Headers,
    body: object,
    ErrorKind,
  ])[] = [
    [
      'a throttling of Bedrock that reads like an overflow',
      429,
      [['x-amzn-errortype', 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/']],
      { message: 'Too many tokens, please wait before trying again.' },
      'upstream_rate_limited',
    ],
    [
      'a model of Bedrock that is not ready',
      429,
      [['x-amzn-errortype', 'ModelNotReadyException']],
      { message: 'Model is not ready for inference.' },
      'upstream_overloaded',
    ],
    [
      'a quota of Bedrock, a 400',
      400,
      [['x-amzn-errortype', 'ServiceQuotaExceededException']],
      { message: 'Your request exceeds the service quota for your account.' },
      'upstream_quota_exhausted',
    ],
    [
      'a validation of Bedrock',
      400,
      [['x-amzn-errortype', 'ValidationException']],
      { message: 'messages: at least one message is required' },
      'invalid_request',
    ],
    [
      'a day of Google',
      429,
      [],
      {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          message: 'Quota',
          details: [{ retryDelay: '51820.6s' }],
        },
      },
      'upstream_quota_exhausted',
    ],
    [
      'a key at xAI, a 400',
      400,
      [],
      { code: 'x', error: 'Incorrect API key provided.' },
      'upstream_misconfigured',
    ],
    ['a validation', 422, [], { detail: [{ loc: ['body', 'foo'], msg: 'extra' }] }, 'invalid_request'],
    ['wording nobody has seen', 400, [], { error: { message: 'Das mag ich nicht.' } }, 'invalid_request'],
    [
      'a code nobody has seen',
      529,
      [],
      { error: { type: 'sleepy_error', message: 'Zzz' } },
      'upstream_overloaded',
    ],
    ['a 4xx nobody has seen', 455, [], { error: { message: 'No.' } }, 'upstream_rejected'],
  ];

  describe.each(PROTOCOLS.map((protocol) => [protocol.id, protocol] as const))('on %s', (_, { upstream }) => {
    it.each(cases)('is understood: %s', (...[, status, headers, body, kind]) => {
      expect(upstream.decodeError(status, headers, textToBytes(JSON.stringify(body)), NOW_MS).kind).toBe(
        kind,
      );
    });
  });
});

describe('a refusal of nobody', () => {
  it.each<[number, string, ErrorKind]>([
    [302, '', 'upstream_garbled'],
    [400, '', 'upstream_rejected'],
    [400, '<html><title>400 Bad Request</title></html>', 'upstream_rejected'],
    [403, '<html>Sorry, you have been blocked</html>', 'upstream_rejected'],
    [404, '<html>Not Found</html>', 'upstream_misconfigured'],
    [413, '', 'context_too_long'],
    [413, '<html>Request Entity Too Large</html>', 'payload_too_large'],
    [418, '\u0001\u0002', 'upstream_unavailable'],
    [499, '', 'upstream_unavailable'],
    [520, '<!DOCTYPE html>', 'upstream_unavailable'],
    [530, 'error code: 1016', 'upstream_unavailable'],
    [599, '', 'upstream_unavailable'],
  ])('%i with %j is judged by its status', (status, body, kind) => {
    expect(readRefusal(status, [], textToBytes(body), NOW_MS).kind).toBe(kind);
  });

  it('tells of a page its title only, and of bytes nothing', () => {
    const page = '<html><head><title>Bad gateway</title></head><body>internal.host.example</body></html>';
    expect(readRefusal(502, [], textToBytes(page), null).message).toBe('HTTP status 502: Bad gateway');
    expect(readRefusal(502, [], brandText<Bytes>('\u001f\u008b\u0008\u0000'), null).message).toBe(
      'HTTP status 502',
    );
  });
});

describe('how long it asks to be left alone', () => {
  const wait = (headers: Headers, body = '{}'): number | null =>
    readRefusal(429, headers, textToBytes(body), NOW_MS).retryAfterMs;

  it.each<[Headers, number | null]>([
    [[['retry-after', '34']], 34_000],
    [[['retry-after', '0.5']], 500],
    [[['retry-after', 'Wed, 21 Oct 2026 07:28:00 GMT']], 60_000],
    [[['retry-after', 'Thu, 01 Jan 1970 00:00:00 GMT']], 0],
    [[['retry-after', 'soon']], null],
    [
      [
        ['retry-after', '1'],
        ['retry-after-ms', '0'],
      ],
      1000,
    ],
    [
      [
        ['retry-after', '2'],
        ['retry-after-ms', '1834'],
      ],
      1834,
    ],
    [[['x-ratelimit-reset-tokens', '6m0s']], 360_000],
    [
      [
        ['x-ratelimit-reset-requests', '12ms'],
        ['x-ratelimit-reset-tokens', '2m59.56s'],
      ],
      179_560,
    ],
    [[['x-ratelimit-reset-tokens', '1h0m0s']], 3_600_000],
    [[['x-ratelimit-reset', String(NOW_MS / 1000 + 5)]], 5000],
    [[['x-ratelimit-reset', String(NOW_MS + 5000)]], 5000],
    [
      [
        ['anthropic-ratelimit-requests-remaining', '0'],
        ['anthropic-ratelimit-requests-reset', '2026-10-21T07:27:30Z'],
      ],
      30_000,
    ],
    [
      [
        ['x-ratelimit-remaining-tokens', '-1'],
        ['x-ratelimit-reset-tokens', '0'],
      ],
      null,
    ],
    // The answer's own clock counts, not ours.
    [
      [
        ['date', 'Wed, 21 Oct 2026 07:27:50 GMT'],
        ['retry-after', 'Wed, 21 Oct 2026 07:28:00 GMT'],
      ],
      10_000,
    ],
  ])('%j', (headers, ms) => {
    expect(wait(headers)).toBe(ms);
  });

  it('is read in the body where no header tells it', () => {
    expect(wait([], '{"error":{"code":429,"details":[{"retryDelay":"48s"}]}}')).toBe(48_000);
    expect(wait([], '{"error":{"message":"Please try again in 7.66s."}}')).toBe(7660);
  });
});

describe('an error inside a 200', () => {
  it.each<[string, unknown, ErrorKind]>([
    ['of OpenAI', { error: { message: 'Sorry', type: 'server_error' } }, 'upstream_unavailable'],
    ['of OpenRouter', { choices: [], error: { code: 502, message: 'gone' } }, 'upstream_unavailable'],
    [
      'of Anthropic',
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      'upstream_overloaded',
    ],
    ['of Google', [{ error: { code: 503, status: 'UNAVAILABLE', message: 'busy' } }], 'upstream_overloaded'],
    [
      'of Mistral',
      { object: 'error', message: 'Service tier capacity exceeded', code: '3505' },
      'upstream_rate_limited',
    ],
    [
      'of Responses',
      { type: 'error', code: 'rate_limit_exceeded', message: 'Too many' },
      'upstream_rate_limited',
    ],
    [
      'of Responses',
      { type: 'response.failed', response: { error: { code: 'server_error' } } },
      'upstream_unavailable',
    ],
    ['of Responses without one', { type: 'response.failed' }, 'upstream_unavailable'],
    ['as text', { error: 'model is overloaded' }, 'upstream_unavailable'],
  ])('%s', (_, body, kind) => {
    expect(errorInside(JSON.parse(JSON.stringify(body)))?.kind).toBe(kind);
  });

  it('is none where an answer only names the field', () => {
    expect(errorInside({ choices: [], error: null })).toBeNull();
    expect(errorInside(null)).toBeNull();
  });
});

// What no provider may bring about: a fault of ours, or a refusal in the name of the caller's own key.
const NEVER: ReadonlySet<ErrorKind> = new Set([
  'internal',
  'unauthenticated',
  'forbidden',
  'not_found',
  'deadline_exceeded',
]);

const WORD = fc.string({ unit: 'binary', maxLength: 40 });
const STATUS = fc.oneof(
  fc.integer({ min: 300, max: 599 }),
  fc.constantFrom(200, 400, 401, 403, 404, 413, 422, 429, 529),
);
const JSON_BODY = fc
  .oneof(
    fc.jsonValue(),
    fc.record(
      {
        error: fc.oneof(
          WORD,
          fc.record(
            {
              message: fc.oneof(WORD, fc.jsonValue()),
              type: WORD,
              code: fc.oneof(WORD, fc.integer()),
              status: WORD,
              details: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
        message: fc.oneof(WORD, fc.jsonValue()),
        detail: fc.jsonValue(),
        type: WORD,
        object: fc.constantFrom('error', 'list'),
      },
      { requiredKeys: [] },
    ),
  )
  .map((value) => textToBytes(JSON.stringify(value)));
const PAGE = WORD.map((text) => textToBytes(`<html><title>${text}</title>${text}</html>`));
const BINARY = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => brandText<Bytes>(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
const BODY = fc.oneof(JSON_BODY, PAGE, BINARY, fc.constant(textToBytes('')));
const HEADERS: fc.Arbitrary<Headers> = fc.array(
  fc.tuple(
    fc.constantFrom('retry-after', 'retry-after-ms', 'date', 'x-ratelimit-reset-tokens', 'x-amzn-errortype'),
    WORD,
  ),
  { maxLength: 4 },
);

describe.each(PROTOCOLS.map((protocol) => [protocol.id, protocol] as const))(
  '%s',
  (_, { upstream, downstream }) => {
    it('lands any status with any body on a kind that a provider can cause, with a wait that is none or not negative', () => {
      fc.assert(
        fc.property(STATUS, HEADERS, BODY, (status, headers, body) => {
          const { kind, retryAfterMs } = upstream.decodeError(status, headers, body, NOW_MS);
          expect(NEVER.has(kind)).toBe(false);
          expect(retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
        }),
        { seed: 20_261_121, numRuns: 600 },
      );
    });

    it('blames the caller for nothing that a page, an empty or an illegible body says', () => {
      fc.assert(
        fc.property(STATUS, fc.oneof(PAGE, BINARY, fc.constant(textToBytes(''))), (status, body) => {
          const { kind } = upstream.decodeError(status, [], body, NOW_MS);
          const blamed = ruleOf(kind).tellsProviderText && kind !== 'context_too_long';
          expect(blamed).toBe(false);
        }),
        { seed: 20_261_121, numRuns: 400 },
      );
    });

    it('leaves to the caller what an API says with 400 or 422, whatever its words', () => {
      fc.assert(
        fc.property(fc.constantFrom(400, 422), fc.lorem({ maxCount: 12 }), (status, message) => {
          const body = textToBytes(JSON.stringify({ error: { message, param: 'messages' } }));
          expect(upstream.decodeError(status, [], body, NOW_MS).kind).toBe('invalid_request');
        }),
        { seed: 20_261_121, numRuns: 200 },
      );
    });

    it('takes a 5xx for the fault of the provider, whatever it says', () => {
      fc.assert(
        fc.property(fc.integer({ min: 500, max: 599 }), BODY, (status, body) => {
          const { kind } = upstream.decodeError(status, [], body, NOW_MS);
          expect(ruleOf(kind).next).not.toBe('stop');
        }),
        { seed: 20_261_121, numRuns: 400 },
      );
    });

    it('gives a client the words of a provider only where the request is at fault, and a key never', () => {
      const key = 'sk-canary-0123456789abcdef';
      const said = `Canary said ${key} (Bearer ${key})`;
      const bodies = [
        { error: { message: said } },
        { error: { message: said, type: 'invalid_request_error' } },
        { message: said },
        { error: said },
        `<html><title>${said}</title></html>`,
        said,
      ].map((body) => textToBytes(typeof body === 'string' ? body : JSON.stringify(body)));
      fc.assert(
        fc.property(STATUS, fc.constantFrom(...bodies), (status, body) => {
          const { kind, message } = upstream.decodeError(status, [], body, NOW_MS);
          const error = new GatewayError(kind, 'It failed.', { providerMessage: message });
          const told = JSON.stringify([
            downstream.encodeError(error, 'req_1'),
            downstream.encodeStreamError(error, 'req_1'),
          ]);
          expect(message).not.toContain('sk-canary');
          expect(told).not.toContain('sk-canary');
          expect(told.includes('Canary') && !ruleOf(kind).tellsProviderText).toBe(false);
        }),
        { seed: 20_261_121, numRuns: 600 },
      );
    });
  },
);
