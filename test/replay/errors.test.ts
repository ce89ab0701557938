import { expect, it } from 'vitest';
import { textToBytes } from '../../src/base/bytes.ts';
import { ERROR_KINDS, GatewayError, type ErrorKind } from '../../src/spec/error.ts';
import type { Headers } from '../../src/spec/wire.ts';
import { describeShared } from '../shared.ts';
import type { Value } from './oracle/reading.ts';
import { recordingsOf, type Recording } from './recordings.ts';
import { schemaViolations } from './schema.ts';
import { WIRES, type Wire } from './wires.ts';

/** What a status of a provider may mean at all, whatever its body says. */
const PLAUSIBLE: { readonly [status: number]: readonly ErrorKind[] } = {
  400: [
    'invalid_request',
    'unsupported',
    'context_too_long',
    'content_filtered',
    'upstream_model_missing',
    'upstream_misconfigured',
    'upstream_quota_exhausted',
    'upstream_rejected',
  ],
  401: ['upstream_misconfigured'],
  402: ['upstream_quota_exhausted'],
  403: [
    'upstream_misconfigured',
    'upstream_model_missing',
    'content_filtered',
    'upstream_quota_exhausted',
    'upstream_rejected',
  ],
  404: ['upstream_model_missing', 'invalid_request', 'upstream_rejected'],
  422: ['invalid_request', 'upstream_rejected'],
  429: ['upstream_rate_limited', 'upstream_quota_exhausted', 'upstream_overloaded'],
  500: ['upstream_unavailable'],
  503: ['upstream_unavailable', 'upstream_overloaded'],
  529: ['upstream_overloaded'],
};

describeShared('recorded refusals', () => {
  const refusals = WIRES.flatMap((wire) =>
    recordingsOf(wire.api)
      .filter((recording) => recording.status >= 400)
      .map((recording) => ({ id: recording.id, status: recording.status, wire, recording })),
  );

  it.each(refusals)('are understood: $id, $status', ({ wire, recording, status }) => {
    const failure = understood(wire, recording);
    expect(PLAUSIBLE[status] ?? []).toContain(failure.kind);
    expect(failure.message).not.toBe('');
  });

  it.each(refusals)("reach every client in its own wire's envelope: $id", ({ wire, recording }) => {
    const { kind, message } = understood(wire, recording);
    for (const client of WIRES) {
      const sent = client.protocol.downstream.encodeError(new GatewayError(kind, message), 'req_replay');
      expect(sent.status).toBe(ERROR_KINDS[kind].status);
      const body = JSON.parse(JSON.stringify(sent.body)) as Value;
      expect(schemaViolations(client.schemas.error, body)).toEqual([]);
    }
  });

  it('were found', () => {
    expect(refusals.length).toBeGreaterThan(20);
  });
});

function understood(
  wire: Wire,
  { status, headers, answer }: Recording,
): { readonly kind: ErrorKind; readonly message: string } {
  const text = answer.type === 'body' ? JSON.stringify(answer.body) : answer.text;
  const pairs: Headers = Object.entries((headers ?? {}) as { readonly [name: string]: unknown }).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  );
  return wire.protocol.upstream.decodeError(status, pairs, textToBytes(text));
}
