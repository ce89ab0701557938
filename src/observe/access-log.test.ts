import { describe, expect, it } from 'vitest';
import { RecordingLog } from '../testing/recording-log.ts';
import { sampleAttempt, sampleFailure, sampleFinished } from '../events/testing/sample-events.ts';
import type { RequestFinished } from '../spec/event.ts';
import { accessLog } from './access-log.ts';

function logged(changes: Partial<RequestFinished> = {}) {
  const log = new RecordingLog();
  accessLog({ log, nameOfKey: (keyId) => (keyId === 'key-1' ? 'Search' : null) })(sampleFinished(changes));
  return log.lines;
}

describe('accessLog', () => {
  it('tells an ordinary request in one line', () => {
    expect(logged()).toEqual([
      {
        level: 'info',
        message: 'gpt-4.1: 200 from openai/gpt-4.1',
        fields: {
          request_id: 'req-1',
          key_id: 'key-1',
          key: 'Search',
          model: 'gpt-4.1',
          target: 'openai/gpt-4.1',
          status: 200,
          attempts: 1,
          ms: 1500.5,
          first_token_ms: 211.5,
          overhead_ms: 0.8,
          input_tokens: 1_500,
          output_tokens: 500,
          cost_usd: 0.00645,
          reason: 'first choice',
          protocol: 'openai-chat',
          stream: true,
        },
      },
    ]);
  });

  it('says of every failed attempt what happened and what was done', () => {
    const startedAtMs = 1_000;
    const failure = { startedAtMs, durationMs: 100, target: 'openai/gpt-4.1' };
    const lines = logged({
      attempts: [
        sampleFailure(failure),
        sampleFailure({ ...failure, number: 2, startedAtMs: 1_350, purpose: 'repeat' }),
        sampleFailure({ ...failure, number: 3, startedAtMs: 1_450, purpose: 'other-key', keyIndex: 1 }),
        sampleAttempt({ number: 4, startedAtMs: 1_550, purpose: 'failover', target: 'holysheep/gpt-4.1' }),
      ],
      target: 'holysheep/gpt-4.1',
    });
    const failed = 'openai/gpt-4.1 failed: The provider answered 503.';
    expect(lines.map((line) => [line.level, line.message])).toEqual([
      ['warn', `${failed} Tried it once more after 250 ms.`],
      ['warn', `${failed} Tried it with another key.`],
      ['warn', `${failed} Went on with holysheep/gpt-4.1.`],
      ['info', 'gpt-4.1: 200 from holysheep/gpt-4.1 after 4 attempts'],
    ]);
    expect(lines[0]?.fields).toMatchObject({
      request_id: 'req-1',
      kind: 'upstream_overloaded',
      upstream_status: 503,
    });
    expect(lines[3]?.fields['tried']).toBe('openai/gpt-4.1 openai/gpt-4.1 openai/gpt-4.1 holysheep/gpt-4.1');
  });

  it.each([
    ['resume', { purpose: 'resume', resume: 'prefill' }, 'The answer went on at b/y, by prefill after 5 ms.'],
    ['repeat elsewhere', { purpose: 'repeat' }, 'Tried b/y once more after 5 ms.'],
    ['race', { purpose: 'first' }, 'The call beside it, to b/y, went on.'],
    ['hedge', { purpose: 'hedge' }, 'The call beside it, to b/y, went on.'],
  ] as const)('says what was done: a %s', (_name, changes, words) => {
    const failed = sampleFailure({ startedAtMs: 0, durationMs: 10, target: 'a/x' });
    const next = sampleAttempt({ ...changes, number: 2, startedAtMs: 15, target: 'b/y' });
    expect(logged({ attempts: [failed, next] })[0]?.message).toBe(
      `a/x failed: The provider answered 503. ${words}`,
    );
  });

  it('takes no call for a failure that another one was faster than', () => {
    const lost = sampleFailure({
      number: 2,
      target: 'b/y',
      purpose: 'hedge',
      outcome: {
        type: 'failed',
        kind: 'hedge_lost',
        message: 'another target was faster',
        status: null,
        retryAfterMs: null,
        committed: false,
      },
    });
    const saved = sampleAttempt({ number: 3, target: 'c/z', purpose: 'failover' });
    expect(logged({ attempts: [lost, sampleAttempt()] })).toHaveLength(1);
    const [line, ...rest] = logged({ attempts: [sampleFailure(), lost, saved] });
    expect(line?.message).toMatch(/Went on with c\/z\.$/);
    expect(rest).toHaveLength(1);
  });

  it('ends what a provider said as a sentence before it goes on', () => {
    const outcome = sampleFailure().outcome;
    const silent = { ...outcome, message: 'connection refused' };
    const lines = logged({ attempts: [sampleFailure({ outcome: silent })] });
    expect(lines[0]?.message).toMatch(/^openai\/gpt-4\.1 failed: connection refused\. No attempt followed/);
  });

  it('tells how a request ended that nobody could serve, as loudly as its kind demands', () => {
    const lines = logged({
      attempts: [sampleFailure()],
      target: null,
      status: 503,
      error: { kind: 'no_target', message: 'No target can serve gpt-4.1 at present.' },
      usage: null,
      costNanodollars: null,
    });
    expect(lines.map((line) => [line.level, line.message])).toEqual([
      ['warn', 'openai/gpt-4.1 failed: The provider answered 503. No attempt followed; the caller got 503.'],
      ['error', 'gpt-4.1: 503 after 1 attempt: No target can serve gpt-4.1 at present.'],
    ]);
    expect(lines[1]?.fields).toMatchObject({ kind: 'no_target', cost_usd: null, input_tokens: null });
  });

  it('gives a line also to callers that left and to requests without a key', () => {
    const gone = { kind: 'client_closed', message: 'The client left.' } as const;
    const lines = logged({ keyId: null, model: null, status: 499, error: gone, attempts: [] });
    expect(lines).toMatchObject([
      { level: 'info', message: 'no model: 499 after 0 attempts: The client left.' },
    ]);
    expect(lines[0]?.fields).not.toHaveProperty('key_id');
  });

  it('lets no text of others break a line, move the cursor or grow without end', () => {
    const nasty = 'a\r\nfake line\u2028\u001b[2J\u0000\u202e';
    const lines = logged({
      model: nasty,
      routeReason: nasty.repeat(100),
      attempts: [
        sampleFailure({
          upstreamRequestId: nasty,
          outcome: {
            type: 'failed',
            kind: 'upstream_rejected',
            message: nasty.repeat(1_000),
            status: 400,
            retryAfterMs: null,
            committed: false,
          },
        }),
        sampleAttempt(),
      ],
    });
    const texts = lines.flatMap((line) => [line.message, ...Object.values(line.fields)]).map(String);
    for (const text of texts) {
      expect(text).toMatch(/^[^\p{Cc}\u2028\u2029\u202e]*$/u);
      expect(text.length).toBeLessThan(450);
    }
  });
});
