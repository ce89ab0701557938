import { describe, expect, it } from 'vitest';
import { sampleAttempt, sampleFailure, sampleFinished } from '../../events/testing/sample-events.ts';
import { adminWorld } from './testing/admin-world.ts';

const TARGET = {
  target: 'openai/gpt-4.1',
  healthy: false,
  state: 'open',
  last_check: null,
  consecutive_failures: 5,
  last_error: 'upstream_overloaded',
  parked_until: null,
  in_flight: 0,
  concurrency_limit: 64,
  first_token_ms: { p50: 812.5, p95: 900, p99: 950 },
  tokens_per_second: null,
};

describe('what the admin API tells of targets', () => {
  it('is the whole report, for monitors', async () => {
    const { send, clock } = await adminWorld();
    const target = { ...TARGET, open_until: new Date(clock.nowMs() + 1_000).toISOString() };
    expect((await send({ path: '/health-report' })).json).toEqual({
      timestamp: new Date(clock.nowMs()).toISOString(),
      status: 'down',
      healthy: 0,
      total: 1,
      summary: '0/1 model healthy',
      models: [
        {
          model: 'gpt-4.1',
          healthy: false,
          last_check: null,
          consecutive_failures: 5,
          targets: [target],
        },
      ],
    });
    expect((await send({ path: '/health' })).json.targets).toEqual([target]);
  });

  it('includes why each call of a request was made, and how it went on', async () => {
    const { send, stores } = await adminWorld();
    const attempts = [
      sampleFailure(),
      sampleAttempt({ number: 2, purpose: 'resume', resume: 'prefill', target: 'holysheep/gpt-4.1' }),
    ];
    await stores.requests.append([sampleFinished({ attempts })]);
    const { json } = await send({ path: '/requests/req-1' });
    expect(json.attempts).toMatchObject([
      { purpose: 'first', resume: null },
      { purpose: 'resume', resume: 'prefill' },
    ]);
  });
});
