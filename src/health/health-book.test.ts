import { describe, expect, it } from 'vitest';
import { READY, type CallResult } from '../spec/health.ts';
import { answered, failed, healthFixture } from './testing/fixture.ts';

const A = 'alpha/model-a';

describe('the circuit of a target', () => {
  it('is the shared READY, without a record, before the first call', () => {
    const { book } = healthFixture();
    expect(book.standing(A, 0, 'normal')).toBe(READY);
    expect(book.size).toBe(0);
  });

  it('opens on five failures in a row, lets one probe through, recovers along a ramp', () => {
    const { book, clock, changes, types } = healthFixture();
    for (let n = 0; n < 5; n += 1) book.begin(A, 0, 'first').end(failed('upstream_unavailable'));
    const open = book.standing(A, 0, 'normal');
    expect(open.type).toBe('open');
    if (open.type !== 'open') return;
    expect(open.untilMs - clock.nowMs()).toBeGreaterThanOrEqual(4_000);
    expect(open.untilMs - clock.nowMs()).toBeLessThanOrEqual(5_000);
    clock.advanceAtOnce(open.untilMs - clock.nowMs() - 1);
    expect(book.standing(A, 0, 'normal').type).toBe('open');
    clock.advanceAtOnce(1);
    expect(book.standing(A, 0, 'normal')).toEqual({ type: 'probe' });
    const probe = book.begin(A, 0, 'first');
    expect(book.standing(A, 0, 'normal').type).toBe('open');
    probe.end(answered());
    for (let n = 0; n < 2; n += 1) {
      expect(book.standing(A, 0, 'normal')).toEqual({ type: 'probe' });
      book.begin(A, 0, 'first').end(answered());
    }
    expect(book.standing(A, 0, 'normal')).toEqual({ type: 'ready', share: 0.1 });
    clock.advanceAtOnce(15_000);
    expect(book.standing(A, 0, 'normal')).toEqual({ type: 'ready', share: 0.55 });
    clock.advanceAtOnce(15_000);
    expect(book.standing(A, 0, 'normal')).toBe(READY);
    book.begin(A, 0, 'first').end(answered());
    expect(changes()).toEqual([
      'closed>open: 5 failures in a row',
      'open>half-open: the open time is over',
      'half-open>recovering: 3 probes succeeded',
      'recovering>closed: the ramp is over',
    ]);
    expect(types()).toEqual([
      'circuit-changed',
      'target-down',
      'circuit-changed',
      'circuit-changed',
      'target-recovered',
      'circuit-changed',
    ]);
  });

  it('takes fifty calls that were under way when it opened for one trip', () => {
    const { book, clock, changes } = healthFixture();
    const calls = Array.from({ length: 50 }, () => book.begin(A, 0, 'first'));
    for (const call of calls) {
      clock.advanceAtOnce(10);
      call.end(failed('upstream_timeout'));
    }
    expect(changes()).toEqual(['closed>open: 5 failures in a row']);
    const standing = book.standing(A, 0, 'normal');
    expect(standing.type === 'open' && standing.untilMs - clock.nowMs()).toBeLessThanOrEqual(5_000 - 450);
  });

  it('frees the slot of a probe that was abandoned, or met what says nothing of health', () => {
    const { book, clock } = healthFixture();
    for (let n = 0; n < 5; n += 1) book.begin(A, 0, 'first').end(failed('upstream_empty'));
    clock.advanceAtOnce(5_000);
    const results: CallResult[] = [
      { type: 'abandoned' },
      failed('invalid_request'),
      failed('content_filtered'),
    ];
    for (const result of results) {
      const probe = book.begin(A, 0, 'first');
      expect(book.standing(A, 0, 'normal').type).toBe('open');
      probe.end(result);
      probe.end(failed('upstream_timeout'));
      expect(book.standing(A, 0, 'normal').type).toBe('probe');
    }
  });

  it('hears of a probe that spoke at once, and no second time', () => {
    const { book, clock } = healthFixture();
    for (let n = 0; n < 5; n += 1) book.begin(A, 0, 'first').end(failed('upstream_empty'));
    clock.advanceAtOnce(5_000);
    const spoke = book.begin(A, 0, 'first');
    spoke.firstToken(300);
    const second = book.begin(A, 0, 'first');
    expect(book.standing(A, 0, 'normal').type).toBe('open');
    // The slot is the second's now: the end of the first does not free it.
    spoke.end({ type: 'abandoned' });
    expect(book.standing(A, 0, 'normal').type).toBe('open');
    second.firstToken(300);
    second.end(answered());
    expect(book.standing(A, 0, 'normal').type).toBe('probe');
    book.begin(A, 0, 'first').end(answered());
    expect(book.standing(A, 0, 'normal').type).toBe('ready');
  });

  it('does not suffer from what is the fault of the caller', () => {
    const { book, changes } = healthFixture();
    for (const kind of [
      'invalid_request',
      'context_too_long',
      'content_filtered',
      'upstream_rejected',
    ] as const)
      for (let n = 0; n < 100; n += 1) book.begin(A, 0, 'first').end(failed(kind));
    expect(book.standing(A, 0, 'normal')).toBe(READY);
    expect(changes()).toEqual([]);
  });
});
