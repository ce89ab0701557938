import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, ResumeMethod } from '../spec/attempt.ts';
import type { ErrorKind } from '../spec/error.ts';
import { READY } from '../spec/health.ts';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { nextMove } from './next-move.ts';
import type { MoveView } from './move.ts';
import { failedAttempt, testPlan, testTarget } from './testing/targets.ts';

const A = testTarget('one/a');
const B = testTarget('two/b', { capabilities: { ...UNKNOWN_CAPABILITIES, prefill: true } });
const C = testTarget('three/c');
const VIEW: MoveView = {
  nowMs: 1_010,
  waitedMs: 0,
  random: () => 0.5,
  priority: 'normal',
  standing: () => READY,
  mayRetry: () => true,
  ways: () => ['prefill', 'restart', 'continue'],
  prefill: () => null,
};
const BROKEN = failedAttempt('one/a', 'upstream_broken_off', { committed: true });

function resumed(target: string, resume: ResumeMethod, kind: ErrorKind): Attempt {
  return failedAttempt(target, kind, { purpose: 'resume', resume });
}

describe('an answer that broke off', () => {
  it('goes on at the next target, by prefill where that is taken', () => {
    expect(nextMove(testPlan([A, B, C]), [BROKEN], VIEW)).toMatchObject({
      target: B,
      purpose: 'resume',
      resume: 'prefill',
    });
    expect(nextMove(testPlan([A, C]), [BROKEN], VIEW)).toMatchObject({ target: C, resume: 'restart' });
  });

  it('believes what was learned of a target more than its catalogue', () => {
    const refusing = { ...VIEW, prefill: () => false };
    expect(nextMove(testPlan([A, B]), [BROKEN], refusing)).toMatchObject({ target: B, resume: 'restart' });
    const taking = { ...VIEW, prefill: () => true };
    expect(nextMove(testPlan([A, C]), [BROKEN], taking)).toMatchObject({ target: C, resume: 'prefill' });
  });

  it('asks the same target in the next way when it refuses one, as no error of the caller', () => {
    const log = [BROKEN, resumed('two/b', 'prefill', 'invalid_request')];
    expect(nextMove(testPlan([A, B, C]), log, VIEW)).toMatchObject({ target: B, resume: 'restart' });
    const then = [...log, resumed('two/b', 'restart', 'upstream_diverged')];
    expect(nextMove(testPlan([A, B, C]), then, VIEW)).toMatchObject({ target: B, resume: 'continue' });
  });

  it('leaves a target that fails in another way', () => {
    const log = [BROKEN, resumed('two/b', 'prefill', 'upstream_unavailable')];
    expect(nextMove(testPlan([A, B, C]), log, VIEW)).toMatchObject({ target: C });
  });

  it('comes back to the one that broke off when there is no other', () => {
    expect(nextMove(testPlan([A]), [BROKEN], VIEW)).toMatchObject({ target: A, resume: 'restart' });
  });

  it('does not come back to one that failed before anything was sent', () => {
    const log = [failedAttempt('one/a', 'upstream_unavailable'), { ...BROKEN, target: 'two/b' }];
    expect(nextMove(testPlan([A, B]), log, VIEW)).toMatchObject({ target: B });
  });

  it('prefers a target that stands well', () => {
    const view: MoveView = {
      ...VIEW,
      standing: (target) => (target === 'two/b' ? { type: 'open', untilMs: 9_999 } : READY),
    };
    expect(nextMove(testPlan([A, B, C]), [BROKEN], view)).toMatchObject({ target: C });
  });

  it('ends with what broke it off where no way is sound, or none is left', () => {
    const stop = { type: 'stop', kind: 'upstream_broken_off' };
    expect(nextMove(testPlan([A, B]), [BROKEN], { ...VIEW, ways: () => [] })).toEqual(stop);
    const log = [BROKEN, resumed('one/a', 'restart', 'upstream_diverged')];
    expect(nextMove(testPlan([A]), log, { ...VIEW, ways: () => ['restart'] })).toEqual(stop);
  });

  it('ends when the client left or the time is over', () => {
    for (const kind of ['client_closed', 'deadline_exceeded'] as const) {
      const log = [failedAttempt('one/a', kind, { committed: true })];
      expect(nextMove(testPlan([A, B]), log, VIEW)).toEqual({ type: 'stop', kind });
    }
    expect(nextMove(testPlan([A, B], { deadlineAtMs: 1_000 }), [BROKEN], VIEW)).toMatchObject({
      kind: 'deadline_exceeded',
    });
  });

  it('comes to an end whatever happens, and tries no way twice at one target', () => {
    const kinds = ['upstream_diverged', 'upstream_unavailable', 'invalid_request'] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { minLength: 20, maxLength: 20 }), (sequence) => {
        const plan = testPlan([A, B, C]);
        const log: Attempt[] = [BROKEN];
        for (const kind of sequence) {
          const move = nextMove(plan, log, VIEW);
          if (move.type !== 'attempt') break;
          const { resume } = move;
          if (resume === null) throw new Error('a call that does not go on');
          log.push(resumed(move.target.address, resume, kind));
        }
        expect(log.length).toBeLessThanOrEqual(plan.attemptsMax);
        const tried = log.map(({ target, resume }) => `${target} ${resume}`);
        expect(new Set(tried).size).toBe(tried.length);
      }),
    );
  });
});
