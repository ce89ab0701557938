import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_KINDS, type ErrorKind } from '../spec/error.ts';
import type { Attempt } from '../spec/attempt.ts';
import { READY, type Standing } from '../spec/health.ts';
import { UNKNOWN_CAPABILITIES } from '../spec/model.ts';
import { nextMove } from './next-move.ts';
import type { MoveView } from './move.ts';
import { failedAttempt, testPlan, testTarget } from './testing/targets.ts';

const A = testTarget('one/a');
const B = testTarget('two/b');
const TWO_KEYS = testTarget('one/a', { keyCount: 2 });
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
const OPEN: Standing = { type: 'open', untilMs: 5_000 };
const FIRST = { purpose: 'first', resume: null };

describe('the next move', () => {
  it('starts with the first candidate', () => {
    expect(nextMove(testPlan([A, B]), [], VIEW)).toEqual({
      type: 'attempt',
      target: A,
      keyIndex: 0,
      ...FIRST,
    });
  });

  it('starts with the first candidate whose circuit is closed', () => {
    const view: MoveView = {
      ...VIEW,
      standing: (target) => (target === A.address ? OPEN : READY),
    };
    expect(nextMove(testPlan([A, B]), [], view)).toMatchObject({ target: B });
  });

  it('takes an open circuit where all are open, because anything is better than nothing', () => {
    expect(nextMove(testPlan([A, B]), [], { ...VIEW, standing: () => OPEN })).toMatchObject({ target: A });
  });

  it('stops where there is no candidate', () => {
    expect(nextMove(testPlan([]), [], VIEW)).toEqual({ type: 'stop', kind: 'no_target' });
  });

  it('goes elsewhere before it comes back, also for transient failures', () => {
    const log = [failedAttempt('one/a', 'upstream_unavailable')];
    expect(nextMove(testPlan([A, B]), log, VIEW)).toMatchObject({ type: 'attempt', target: B });
  });

  it('waits, then tries the same target once more, where there is nothing else', () => {
    const log = [failedAttempt('one/a', 'upstream_unavailable')];
    const move = nextMove(testPlan([A]), log, VIEW);
    expect(move).toEqual({
      type: 'wait',
      ms: 125,
      next: { type: 'attempt', target: A, keyIndex: 0, purpose: 'repeat', resume: null },
    });
    expect(nextMove(testPlan([A]), [...log, ...log], VIEW)).toMatchObject({ type: 'stop' });
  });

  it('waits for retry-after before the same target', () => {
    const log = [failedAttempt('one/a', 'upstream_rate_limited', { retryAfterMs: 3_000 })];
    expect(nextMove(testPlan([A]), log, VIEW)).toMatchObject({ type: 'wait', ms: 3_000 });
  });

  it('does not wait longer than a caller would', () => {
    const log = [failedAttempt('one/a', 'upstream_rate_limited', { retryAfterMs: 60_000 })];
    expect(nextMove(testPlan([A]), log, VIEW)).toEqual({ type: 'stop', kind: 'upstream_rate_limited' });
  });

  it('does not wait past the deadline', () => {
    const log = [failedAttempt('one/a', 'upstream_rate_limited', { retryAfterMs: 3_000 })];
    const plan = testPlan([A], { deadlineAtMs: 2_000 });
    expect(nextMove(plan, log, VIEW)).toMatchObject({ type: 'stop' });
  });

  it.each(['upstream_rate_limited', 'upstream_quota_exhausted', 'upstream_misconfigured'] as const)(
    'uses the other key of the provider after %s, then goes elsewhere',
    (kind) => {
      const plan = testPlan([TWO_KEYS, B]);
      const first = failedAttempt('one/a', kind);
      expect(nextMove(plan, [first], VIEW)).toMatchObject({
        target: TWO_KEYS,
        keyIndex: 1,
        purpose: 'other-key',
      });
      const second = failedAttempt('one/a', kind, { keyIndex: 1 });
      expect(nextMove(plan, [first, second], VIEW)).toMatchObject({ target: B });
    },
  );

  it('looks only for a larger window after an overflow', () => {
    const window = (contextTokensMax: number | null) => ({
      capabilities: { ...UNKNOWN_CAPABILITIES, contextTokensMax },
    });
    const small = testTarget('one/small', window(8_000));
    const smaller = testTarget('two/smaller', window(4_000));
    const large = testTarget('three/large', window(100_000));
    const log = [failedAttempt('one/small', 'context_too_long')];
    expect(nextMove(testPlan([small, smaller, large]), log, VIEW)).toMatchObject({ target: large });
    expect(nextMove(testPlan([small, smaller]), log, VIEW)).toEqual({
      type: 'stop',
      kind: 'context_too_long',
    });
  });

  it('tells the caller of a fault of the request rather than of the fallbacks that failed for other reasons', () => {
    const log = [failedAttempt('one/a', 'context_too_long'), failedAttempt('two/b', 'upstream_rejected')];
    expect(nextMove(testPlan([A, B]), log, VIEW)).toEqual({ type: 'stop', kind: 'context_too_long' });
  });

  it('stops at the deadline and at the most attempts', () => {
    const log = [failedAttempt('one/a', 'upstream_unavailable')];
    expect(nextMove(testPlan([A, B], { deadlineAtMs: 1_000 }), log, VIEW)).toEqual({
      type: 'stop',
      kind: 'deadline_exceeded',
    });
    expect(nextMove(testPlan([A, B], { attemptsMax: 1 }), log, VIEW)).toMatchObject({ type: 'stop' });
  });
});

describe('the keys of a provider', () => {
  it('share its requests', () => {
    const start = (random: number): number => {
      const move = nextMove(testPlan([TWO_KEYS]), [], { ...VIEW, random: () => random });
      return move.type === 'attempt' ? move.keyIndex : -1;
    };
    expect([0, 0.49, 0.5, 0.99].map(start)).toEqual([0, 0, 1, 1]);
  });
});

describe('over all kinds of failure', () => {
  const kinds = Object.keys(ERROR_KINDS) as ErrorKind[];
  const plan = testPlan([TWO_KEYS, B, testTarget('three/c')]);

  // Plays a request to its end with one kind of failure after the other.
  function play(sequence: readonly ErrorKind[]): Attempt[] {
    const log: Attempt[] = [];
    for (const kind of sequence) {
      const move = nextMove(plan, log, VIEW);
      if (move.type === 'stop') break;
      const { target, keyIndex } = move.type === 'wait' ? move.next : move;
      log.push(failedAttempt(target.address, kind, { keyIndex, number: log.length + 1 }));
    }
    return log;
  }

  it('ends every request, within the most attempts, and calls no target and key more than twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { minLength: 20, maxLength: 20 }), (sequence) => {
        const log = play(sequence);
        expect(log.length).toBeLessThanOrEqual(plan.attemptsMax);
        const calls = log.map(({ target, keyIndex }) => `${target} ${keyIndex}`);
        for (const call of calls) expect(calls.filter((each) => each === call).length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('never goes on after a failure whose rule says stop', () => {
    for (const kind of kinds) {
      if (ERROR_KINDS[kind].next !== 'stop') continue;
      expect(nextMove(plan, [failedAttempt('one/a', kind)], VIEW)).toEqual({ type: 'stop', kind });
    }
  });

  it('never goes on after content has reached the client, where the policy is not to', () => {
    const untold = { ...plan, failover: { ...plan.failover, resume: 'error' } } as const;
    for (const kind of kinds) {
      const log = [failedAttempt('one/a', kind, { committed: true })];
      expect(nextMove(untold, log, VIEW)).toEqual({ type: 'stop', kind });
    }
  });

  it('decides the same from the same log', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 6 }), (sequence) => {
        const log = play(sequence);
        expect(nextMove(plan, log, VIEW)).toEqual(nextMove(plan, structuredClone(log), VIEW));
      }),
    );
  });
});
