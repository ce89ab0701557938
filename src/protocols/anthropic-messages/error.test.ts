import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../../../test/shared.ts';
import { textToBytes } from '../../base/bytes.ts';
import { GatewayError, type ErrorKind } from '../../spec/error.ts';
import { decodePieces } from '../testing/describe-protocol.ts';
import { anthropicMessages } from './protocol.ts';
import { schemaCheck } from '../testing/schema.ts';

const { downstream, upstream } = anthropicMessages;

type Fault = {
  readonly id: string;
  readonly provider: string;
  readonly phase: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const KINDS: Readonly<Record<string, ErrorKind>> = {
  'anthropic-429': 'upstream_rate_limited',
  'anthropic-429-spend': 'upstream_quota_exhausted',
  'anthropic-400-spend': 'upstream_quota_exhausted',
  'anthropic-402': 'upstream_quota_exhausted',
  'anthropic-529': 'upstream_overloaded',
  'anthropic-500': 'upstream_unavailable',
  'anthropic-504': 'upstream_timeout',
  'anthropic-401': 'upstream_misconfigured',
  'anthropic-403': 'upstream_misconfigured',
  'anthropic-404': 'upstream_model_missing',
  'anthropic-413': 'payload_too_large',
  'anthropic-400-context': 'context_too_long',
  'anthropic-sse-overloaded': 'upstream_overloaded',
  'anthropic-sse-overloaded-first': 'upstream_overloaded',
};

describeShared('catalogued faults of the provider', () => {
  const lines = readFileSync(sharedPath('data', 'wire', 'provider_faults.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const faults = lines.map((line) => JSON.parse(line) as Fault).filter((one) => one.provider === 'anthropic');

  it.each(faults.filter((fault) => fault.phase === 'headers'))('$id is classified', (fault) => {
    const failure = upstream.decodeError(
      fault.status,
      Object.entries(fault.headers),
      textToBytes(fault.body),
    );
    expect(failure.kind).toBe(KINDS[fault.id]);
  });

  it.each(faults.filter((fault) => fault.phase === 'stream' && fault.id in KINDS))(
    '$id ends the stream with an error and no finish',
    (fault) => {
      const parts = decodePieces(anthropicMessages, [textToBytes(fault.body)]);
      expect(parts.at(-1)).toEqual({ type: 'error', kind: KINDS[fault.id], message: 'Overloaded' });
    },
  );

  it('writes envelopes that the published schema accepts', () => {
    const envelope = schemaCheck('anthropic-2026-10-21', 'ErrorResponse');
    const error = new GatewayError('upstream_overloaded', 'The provider is overloaded.');
    expect(envelope(downstream.encodeError(error, 'req_1').body)).toBeNull();
  });
});

describe('refusals of a provider', () => {
  it('tells how long to wait', () => {
    const body = '{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}';
    expect(upstream.decodeError(429, [['retry-after', '34']], textToBytes(body)).retryAfterMs).toBe(34_000);
  });

  it.each([
    ['prompt is too long: 213462 tokens > 200000 maximum', 213_462, 200_000],
    [
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease',
      210_000,
      200_000,
    ],
  ])('reads the sizes of "%s"', (message, tokens, tokensMax) => {
    const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } });
    const failure = upstream.decodeError(400, [], textToBytes(body));
    expect(failure).toMatchObject({ kind: 'context_too_long', tokens, tokensMax });
  });

  it.each<[number, string, ErrorKind]>([
    [400, 'max_tokens: Field required', 'invalid_request'],
    [400, 'Your credit balance is too low to access the Anthropic API.', 'upstream_quota_exhausted'],
    [400, 'This organization has been disabled.', 'upstream_misconfigured'],
    [400, 'Output blocked by content filtering policy', 'content_filtered'],
  ])('tells whose fault the %i "%s" is', (status, message, kind) => {
    const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } });
    expect(upstream.decodeError(status, [], textToBytes(body)).kind).toBe(kind);
  });

  it.each<[number, ErrorKind]>([
    [401, 'upstream_misconfigured'],
    [404, 'upstream_misconfigured'],
    [429, 'upstream_rate_limited'],
    [502, 'upstream_unavailable'],
    [503, 'upstream_overloaded'],
    [529, 'upstream_overloaded'],
    [403, 'upstream_rejected'],
    [418, 'upstream_unavailable'],
  ])('reads a %i without an envelope by its status', (status, kind) => {
    const failure = upstream.decodeError(status, [], textToBytes('<html>Bad gateway</html>'));
    expect(failure).toMatchObject({ kind, message: `HTTP status ${status} with a web page` });
  });
});

describe('errors towards a client', () => {
  it('words an overlong prompt as Claude Code reads it', () => {
    const error = new GatewayError('context_too_long', 'It does not fit.', { tokens: 9000, tokensMax: 8192 });
    expect(messageOf(error)).toBe('prompt is too long: 9000 tokens > 8192 maximum');
  });

  it('keeps the other wording that Claude Code reads', () => {
    const providerMessage = 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000';
    expect(messageOf(new GatewayError('context_too_long', 'It does not fit.', { providerMessage }))).toBe(
      providerMessage,
    );
  });

  it("hides a provider's words where the kind says so", () => {
    const detail = { providerMessage: 'organization org_secret is over its limit' };
    expect(messageOf(new GatewayError('upstream_rate_limited', 'The provider limits us.', detail))).toBe(
      'The provider limits us.',
    );
  });

  it('names the field of an invalid request once', () => {
    expect(() => downstream.decodeRequest({ model: 'm', messages: [] }, {})).toThrow(
      'max_tokens: Field required',
    );
    const error = new GatewayError('invalid_request', 'Field required', { field: 'max_tokens' });
    expect(messageOf(error)).toBe('max_tokens: Field required');
  });

  it('rounds the wait up to whole seconds and gives the request id', () => {
    const { headers, body } = downstream.encodeError(
      new GatewayError('rate_limited', 'Too fast.', { retryAfterMs: 1200, code: 'key_limit' }),
      'req_1',
    );
    expect(headers).toEqual([
      ['request-id', 'req_1'],
      ['retry-after', '2'],
    ]);
    expect(body).toEqual({
      type: 'error',
      error: { type: 'rate_limit_error', message: 'Too fast.', details: { error_code: 'key_limit' } },
      request_id: 'req_1',
    });
  });
});

function messageOf(error: GatewayError): string {
  const { body } = downstream.encodeError(error, 'req_1');
  return (body as { error: { message: string } }).error.message;
}
