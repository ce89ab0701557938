import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step, type JobEvent, type JobRules } from './job.ts';
import { backoffMs } from './backoff.ts';
import { sampleJob } from './testing/sample-job.ts';

const RULES: JobRules = { attemptsMax: 3, retryBaseMs: 1_000, retryMaxMs: 60_000 };
const failure = { status: 503, message: 'Overloaded.', transient: true, retryAfterMs: null, chance: 1 };

describe('a job', () => {
  it('goes on running when it is begun in time', () => {
    const job = sampleJob({ attempts: 1 });
    expect(step(job, { type: 'begun', atMs: job.createdAtMs }, RULES)).toMatchObject({
      state: job.state,
      attempts: 1,
    });
  });

  it.each<[string, Partial<Parameters<typeof sampleJob>[0]>, JobEvent, object]>([
    [
      'is dead when its time was over before it was run, and that run is not counted',
      { attempts: 1, expiresAtMs: 100 },
      { type: 'begun', atMs: 100 },
      {
        attempts: 0,
        state: {
          status: 'dead',
          finishedAtMs: 100,
          reason: { code: 'expired', message: 'Its time was over before it was run.' },
        },
      },
    ],
    [
      'is dead when it took its worker down with it too often',
      { attempts: 4 },
      { type: 'begun', atMs: 100 },
      {
        attempts: 3,
        state: { status: 'dead', reason: { code: 'attempts', message: 'It has no answer after 3 runs.' } },
      },
    ],
    [
      'is answered',
      { attempts: 2 },
      { type: 'answered', atMs: 100 },
      { attempts: 2, state: { status: 'answered', finishedAtMs: 100 }, delivery: null },
    ],
    [
      'waits after a failure that may pass',
      { attempts: 2 },
      { type: 'failed', atMs: 100, failure },
      { state: { status: 'queued', dueAtMs: 2_100 }, lastError: { status: 503, message: 'Overloaded.' } },
    ],
    [
      'waits as long as the provider asks',
      { attempts: 1 },
      { type: 'failed', atMs: 100, failure: { ...failure, retryAfterMs: 30_000 } },
      { state: { status: 'queued', dueAtMs: 30_100 } },
    ],
    [
      'is looked at when its time is over, not later',
      { attempts: 1, expiresAtMs: 500 },
      { type: 'failed', atMs: 100, failure },
      { state: { status: 'queued', dueAtMs: 500 } },
    ],
    [
      'is dead after a failure that no repetition mends',
      { attempts: 1 },
      { type: 'failed', atMs: 100, failure: { ...failure, status: 400, transient: false, message: 'Bad.' } },
      { state: { status: 'dead', reason: { code: 'refused', message: 'Bad.' } } },
    ],
    [
      'is dead after its last run',
      { attempts: 3 },
      { type: 'failed', atMs: 100, failure },
      {
        state: {
          status: 'dead',
          reason: {
            code: 'attempts',
            message: 'It has no answer after 3 runs; the last one failed with 503: Overloaded.',
          },
        },
      },
    ],
    [
      'is dead when the last failure came after its time',
      { attempts: 1, expiresAtMs: 99 },
      { type: 'failed', atMs: 100, failure },
      { state: { status: 'dead', reason: { code: 'expired' } } },
    ],
    [
      'is dead when its key may not call any more, without a run',
      { attempts: 1 },
      { type: 'barred', atMs: 100, message: 'Revoked.' },
      { attempts: 0, state: { status: 'dead', reason: { code: 'key', message: 'Revoked.' } } },
    ],
    [
      'waits again at once when its worker stops, and that run is not counted',
      { attempts: 2 },
      { type: 'released', atMs: 100 },
      { attempts: 1, state: { status: 'queued', dueAtMs: 100 } },
    ],
    [
      'begins anew with all of its time when an operator wants it',
      {
        attempts: 3,
        ttlMs: 1_000,
        state: { status: 'dead', finishedAtMs: 5, reason: { code: 'expired', message: '' } },
      },
      { type: 'revived', atMs: 100 },
      { attempts: 0, expiresAtMs: 1_100, state: { status: 'queued', dueAtMs: 100 }, delivery: null },
    ],
  ])('%s', (_, changes, event, expected) => {
    const job = sampleJob({ expiresAtMs: 1_000_000, createdAtMs: 0, ...changes });
    expect(step(job, event, RULES)).toMatchObject(expected);
  });

  it('owes its webhook the news of every end', () => {
    const job = sampleJob({ attempts: 1, webhookUrl: 'https://example.com/hook' });
    const atMs = job.createdAtMs + 1;
    const waiting = { status: 'waiting', attempts: 0, dueAtMs: atMs };
    expect(step(job, { type: 'answered', atMs }, RULES).delivery).toEqual(waiting);
    expect(step(job, { type: 'barred', atMs, message: '' }, RULES).delivery).toEqual(waiting);
    expect(step(job, { type: 'failed', atMs, failure }, RULES).delivery).toBeNull();
  });

  it('ends after a bounded number of failures, whatever they are, and always with a reason', () => {
    const event = fc.record({
      afterMs: fc.nat(100_000),
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      retryAfterMs: fc.option(fc.nat(1_000_000), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 10, maxLength: 10 }), (events) => {
        let job = sampleJob({ attempts: 0, createdAtMs: 0, expiresAtMs: 300_000 });
        let atMs = 0;
        for (const { afterMs, chance, retryAfterMs } of events) {
          if (job.state.status === 'dead') break;
          atMs = Math.max(atMs, job.state.status === 'queued' ? job.state.dueAtMs : 0);
          job = { ...job, attempts: job.attempts + 1, state: { status: 'running', leaseUntilMs: atMs } };
          job = { ...job, ...step(job, { type: 'begun', atMs }, RULES) };
          if (job.state.status === 'dead') break;
          atMs += afterMs;
          job = {
            ...job,
            ...step(job, { type: 'failed', atMs, failure: { ...failure, chance, retryAfterMs } }, RULES),
          };
          const dueAtMs = 'dueAtMs' in job.state ? job.state.dueAtMs : 0;
          expect(dueAtMs).toBeLessThanOrEqual(job.expiresAtMs);
        }
        expect(job.state.status).toBe('dead');
        expect(job.attempts).toBeLessThanOrEqual(RULES.attemptsMax);
        expect('reason' in job.state ? job.state.reason.message : '').toMatch(/^\w.*\.$/);
      }),
    );
  });
});

it('waits a part of a longest wait that doubles up to a limit', () => {
  const rules = { retryBaseMs: 5_000, retryMaxMs: 600_000 };
  expect([1, 2, 3, 8, 1_000].map((failures) => backoffMs(rules, failures, 1))).toEqual([
    5_000, 10_000, 20_000, 600_000, 600_000,
  ]);
  expect(backoffMs(rules, 2, 0.5)).toBe(5_000);
  expect(backoffMs(rules, 1, 0)).toBe(500);
});
