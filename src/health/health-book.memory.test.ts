import { describe, expect, it } from 'vitest';
import { READY } from '../spec/health.ts';
import type { HealthBook } from './health-book.ts';
import { answered, failed, FAILOVER, healthFixture } from './testing/fixture.ts';

const A = 'alpha/model-a';
const B = 'alpha/model-b';
const C = 'beta/model-c';

function failTimes(book: HealthBook, times: number, target = A, keyIndex = 0): void {
  for (let n = 0; n < times; n += 1)
    book.begin(target, keyIndex, 'first').end(failed('upstream_unavailable'));
}

describe('down and recovered', () => {
  it('is down when the circuit is open under every key that it was called with', () => {
    const { book, clock, types, events } = healthFixture();
    book.begin(A, 1, 'first').end(answered());
    failTimes(book, 5);
    expect(book.down(A)).toBe(false);
    expect(book.standing(A, 1, 'normal')).toBe(READY);
    failTimes(book, 5, A, 1);
    expect(book.down(A)).toBe(true);
    expect(events.at(-1)).toMatchObject({
      type: 'target-down',
      target: A,
      consecutiveFailures: 10,
      lastError: 'upstream_unavailable: it broke',
    });
    clock.advanceAtOnce(6_000);
    for (let n = 0; n < 3; n += 1) book.begin(A, 1, 'first').end(answered());
    expect(book.down(A)).toBe(false);
    expect(events.at(-1)).toMatchObject({ type: 'target-recovered', target: A, downMs: 6_000 });
    expect(types().filter((type) => type === 'target-down')).toHaveLength(1);
  });

  it('is down, once, after as many failing checks as the configuration says; a passing one lets it recover', () => {
    const { book, clock, types } = healthFixture();
    book.begin(A, 1, 'first').end(answered());
    for (let n = 0; n < 2; n += 1) book.probed(A, 0, failed('upstream_timeout'));
    expect([book.down(A), book.standing(A, 0, 'normal')]).toEqual([false, READY]);
    for (let n = 0; n < 4; n += 1) book.probed(A, 0, failed('upstream_timeout'));
    expect(book.down(A)).toBe(true);
    expect(book.standing(A, 0, 'normal').type).toBe('open');
    expect(book.standing(A, 1, 'normal').type).toBe('open');
    expect(book.report([A])).toMatchObject([{ healthy: false, state: 'open', consecutiveFailures: 6 }]);
    clock.advanceAtOnce(300_000);
    book.probed(A, 0, answered());
    expect(book.standing(A, 0, 'normal')).toEqual({ type: 'ready', share: 0.1 });
    expect(book.report([A])).toMatchObject([{ healthy: true, state: 'recovering', consecutiveFailures: 0 }]);
    expect(types().filter((type) => type !== 'circuit-changed')).toEqual(['target-down', 'target-recovered']);
  });

  it('is not down because of checks that a rate limit met, nor where live calls succeed between', () => {
    const { book } = healthFixture();
    for (let n = 0; n < 5; n += 1) book.probed(A, 0, failed('upstream_rate_limited'));
    for (let n = 0; n < 5; n += 1) {
      book.probed(C, 0, failed('upstream_timeout'));
      book.begin(C, 0, 'first').end(answered());
    }
    expect([book.down(A), book.down(C)]).toEqual([false, false]);
  });
});

describe('what is parked', () => {
  it('is a model under a key for a rate limit, and all models of the key for a quota', () => {
    const { book, clock } = healthFixture();
    book.begin(A, 0, 'first').end(failed('upstream_rate_limited', 7_000));
    expect(book.standing(A, 0, 'high')).toEqual({
      type: 'parked',
      untilMs: clock.nowMs() + 7_000,
      told: true,
    });
    expect(book.standing(A, 1, 'high')).toBe(READY);
    expect(book.standing(B, 0, 'high')).toBe(READY);
    book.begin(A, 1, 'other-key').end(failed('upstream_quota_exhausted'));
    const untilMs = clock.nowMs() + 600_000;
    // Of a model that was called under the key, and of ones that were not.
    for (const target of [A, B, 'alpha/never-called'])
      expect(book.standing(target, 1, 'high')).toEqual({ type: 'parked', untilMs, told: false });
    expect(book.standing(C, 1, 'high')).toBe(READY);
    expect(book.report([A])).toMatchObject([{ healthy: true, parkedUntilMs: clock.nowMs() + 7_000 }]);
    clock.advanceAtOnce(6_999);
    expect(book.standing(A, 0, 'high').type).toBe('parked');
    clock.advanceAtOnce(1);
    expect(book.standing(A, 0, 'high')).toBe(READY);
  });

  it('stays so by the monotonic clock when somebody sets the wall clock', () => {
    const { book, clock } = healthFixture();
    book.begin(A, 0, 'first').end(failed('upstream_rate_limited', 7_000));
    clock.stepWall(86_400_000);
    expect(book.standing(A, 0, 'high')).toEqual({
      type: 'parked',
      untilMs: clock.nowMs() + 7_000,
      told: true,
    });
  });

  it('goes before an open circuit, and is no illness unless an operator has to repair it', () => {
    const { book } = healthFixture();
    failTimes(book, 5);
    book.begin(A, 0, 'first').end(failed('upstream_rate_limited'));
    expect(book.standing(A, 0, 'normal').type).toBe('parked');
    book.begin(C, 0, 'first').end(failed('upstream_rate_limited'));
    expect(book.report([C])).toMatchObject([{ healthy: true }]);
    book.begin(C, 0, 'first').end(failed('upstream_misconfigured'));
    expect(book.report([C])).toMatchObject([{ healthy: false, state: 'closed' }]);
  });
});

describe('calls at once', () => {
  it('are full first for the low, last for the high', () => {
    const { book } = healthFixture({ config: { ...FAILOVER, concurrency: { min: 10, max: 10 } } });
    const calls = Array.from({ length: 7 }, () => book.begin(A, 0, 'first'));
    const types = (): string[] =>
      (['high', 'normal', 'low'] as const).map((priority) => book.standing(A, 1, priority).type);
    expect(types()).toEqual(['ready', 'ready', 'full']);
    calls.push(book.begin(A, 0, 'first'), book.begin(A, 0, 'first'));
    expect(types()).toEqual(['ready', 'full', 'full']);
    calls.push(book.begin(A, 0, 'first'));
    expect(types()).toEqual(['full', 'full', 'full']);
    expect(book.report([A])).toMatchObject([{ inFlight: 10, concurrencyLimit: 10 }]);
    for (const call of calls) call.end({ type: 'abandoned' });
    expect(types()).toEqual(['ready', 'ready', 'ready']);
  });
});

describe('retries', () => {
  it('are within the budget of the target and of all', () => {
    const { book } = healthFixture();
    for (let n = 0; n < 3; n += 1) {
      expect(book.mayRetry(A)).toBe(true);
      book.begin(A, 0, n === 0 ? 'hedge' : 'repeat').end(answered());
    }
    // The minimum of both is used up: the target's own, and that of all together.
    expect([book.mayRetry(A), book.mayRetry(C)]).toEqual([false, false]);
    for (const purpose of ['first', 'other-key', 'failover', 'resume', 'first'] as const)
      book.begin(C, 0, purpose).end(answered());
    expect([book.mayRetry(A), book.mayRetry(C)]).toEqual([false, true]);
  });
});

describe('what is learned', () => {
  it('is a baseline, of streams once each, and a cost', () => {
    const { book } = healthFixture();
    for (let n = 0; n < 20; n += 1) {
      const call = book.begin(A, 0, 'first');
      call.firstToken(400);
      call.end({ type: 'answered', firstTokenMs: 400, durationMs: 2_400, outputTokens: 100 });
      book.begin(B, 0, 'first').end(answered());
    }
    expect(book.baseline(A)).toMatchObject({ samples: 20 });
    expect(book.baseline(A)?.tokensPerSecond).toBeCloseTo(50, -1);
    expect(book.baseline(B)).toMatchObject({ samples: 20, firstTokenP99Ms: null });
    expect((book.baseline(B)?.answerP99Ms ?? 0) / 1_000).toBeCloseTo(1, 1);
    expect(book.baseline(C)).toBeNull();
    book.begin(A, 0, 'first');
    expect([book.cost(A), book.cost(C)]).toEqual([800, 0]);
  });

  it('is whether a target takes a prefilled answer', () => {
    const { book } = healthFixture();
    expect(book.prefill(A)).toBeNull();
    book.learnPrefill(A, false);
    expect(book.prefill(A)).toBe(false);
  });
});

describe('another configuration', () => {
  it('keeps what is known of the same targets, and drops others once no call is under way', () => {
    const { book } = healthFixture();
    book.adopt(FAILOVER, [A, C]);
    failTimes(book, 5);
    const call = book.begin(C, 0, 'first');
    book.begin('beta/named-by-a-caller', 0, 'first').end(answered());
    book.adopt({ ...FAILOVER, concurrency: null }, [A]);
    expect(book.standing(A, 0, 'normal').type).toBe('open');
    expect(book.report([A, C])).toMatchObject([
      { state: 'open', concurrencyLimit: null },
      { state: 'closed', inFlight: 1 },
    ]);
    expect(book.size).toBe(3);
    call.end(answered());
    book.adopt(FAILOVER, [A]);
    expect(book.size).toBe(2);
    expect(book.report([A])).toMatchObject([{ concurrencyLimit: 256 }]);
  });

  it('applies to circuits and budgets at once', () => {
    const { book } = healthFixture();
    failTimes(book, 2);
    book.adopt(
      {
        ...FAILOVER,
        breaker: { ...FAILOVER.breaker, consecutiveFailures: 3 },
        retryBudget: { share: 0, minimum: 0 },
      },
      [A],
    );
    expect([book.mayRetry(A), book.mayRetry(C)]).toEqual([false, false]);
    failTimes(book, 1);
    expect(book.standing(A, 0, 'normal').type).toBe('open');
  });

  it('forgets circuits and parkings of a provider that is another one, and what calls to the old one come to', () => {
    const { book } = healthFixture();
    const old = [book.begin(A, 0, 'first'), book.begin(A, 0, 'first')];
    failTimes(book, 5);
    book.begin(A, 1, 'first').end(failed('upstream_misconfigured'));
    book.adopt(FAILOVER, [A], ['alpha']);
    expect([book.standing(A, 0, 'normal'), book.standing(A, 1, 'normal')]).toEqual([READY, READY]);
    book.begin(A, 0, 'first').end(answered());
    for (const call of old) call.end(failed('upstream_misconfigured'));
    expect(book.standing(A, 0, 'normal')).toBe(READY);
    expect(book.report([A])).toMatchObject([{ inFlight: 0, healthy: true }]);
  });
});

describe('the number of entries', () => {
  it('is bounded: those idle longest go, never a configured one or one with a call', () => {
    const { book, clock } = healthFixture({ entriesMax: 20 });
    book.adopt(FAILOVER, [A]);
    book.begin(A, 0, 'first').end(answered());
    const held = book.begin('alpha/held', 0, 'first');
    for (let n = 0; n < 200; n += 1) {
      clock.advanceAtOnce(1);
      book.begin(`alpha/direct-${n}`, 0, 'first').end(failed('upstream_unavailable'));
      expect(book.size).toBeLessThanOrEqual(20);
    }
    expect(book.report([A, 'alpha/held', 'alpha/direct-199', 'alpha/direct-0'])).toMatchObject([
      { lastCheckMs: clock.nowMs() - 200 },
      { inFlight: 1 },
      { consecutiveFailures: 1 },
      { consecutiveFailures: 0 },
    ]);
    held.end({ type: 'abandoned' });
  });

  it('is not raised by asking', () => {
    const { book } = healthFixture();
    book.standing(A, 0, 'low');
    book.mayRetry(A);
    book.baseline(A);
    expect(book.report([A])).toEqual([
      {
        target: A,
        state: 'closed',
        healthy: true,
        consecutiveFailures: 0,
        lastCheckMs: null,
        lastError: null,
        openUntilMs: null,
        parkedUntilMs: null,
        inFlight: 0,
        concurrencyLimit: 256,
        baseline: null,
      },
    ]);
    expect(book.size).toBe(0);
  });
});
