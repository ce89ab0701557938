import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { TICK_MS, TimerWheel } from './timer-wheel.ts';

/** A system timer under the test's control. */
class FakeTime {
  nowMs = 5;
  wakeUps = 0;
  #due: { atMs: number; callback: () => void } | null = null;

  readonly now = (): number => this.nowMs;

  readonly wake = (ms: number, callback: () => void): (() => void) => {
    const due = { atMs: this.nowMs + ms, callback };
    this.#due = due;
    return () => {
      if (this.#due === due) this.#due = null;
    };
  };

  get armed(): boolean {
    return this.#due !== null;
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.#due !== null && this.#due.atMs <= endMs) {
      const due = this.#due;
      this.#due = null;
      this.nowMs = Math.max(this.nowMs, due.atMs);
      this.wakeUps += 1;
      due.callback();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }
}

describe('TimerWheel', () => {
  it('fires each timer once, never early, at most a tick late, and no cancelled one', () => {
    const timers = fc.array(
      fc.record({
        startMs: fc.integer({ min: 0, max: 40_000 }),
        waitMs: fc.integer({ min: 0, max: 60_000 }),
        cancelAfterMs: fc.option(fc.integer({ min: 0, max: 60_000 })),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(timers, (plan) => {
        const time = new FakeTime();
        const wheel = new TimerWheel(time.now, time.wake);
        const baseMs = time.nowMs;
        const firedAt = new Map<number, number[]>();
        const actions = plan.flatMap((timer, index) => {
          let cancel = (): void => undefined;
          const start = {
            atMs: timer.startMs,
            run: () => {
              const handle = wheel.after(timer.waitMs, () => {
                firedAt.set(index, [...(firedAt.get(index) ?? []), time.nowMs - baseMs]);
              });
              cancel = () => handle.cancel();
            },
          };
          if (timer.cancelAfterMs === null) return [start];
          return [start, { atMs: timer.startMs + timer.cancelAfterMs, run: () => cancel() }];
        });
        actions.sort((a, b) => a.atMs - b.atMs);
        for (const action of actions) {
          time.advance(action.atMs - (time.nowMs - baseMs));
          action.run();
        }
        time.advance(200_000);
        for (const [index, timer] of plan.entries()) {
          const fired = firedAt.get(index) ?? [];
          const dueMs = timer.startMs + timer.waitMs;
          const cancelMs = timer.cancelAfterMs === null ? Infinity : timer.startMs + timer.cancelAfterMs;
          const latestMs = dueMs + TICK_MS + 1;
          const missed = fired.length === 0 && cancelMs > latestMs;
          const wrong = fired.some((atMs) => atMs < dueMs || atMs > latestMs || atMs > cancelMs);
          expect({ index, missed, wrong, twice: fired.length > 1 }).toEqual({
            index,
            missed: false,
            wrong: false,
            twice: false,
          });
        }
        expect(wheel.size).toBe(0);
        expect(time.armed).toBe(false);
      }),
    );
  });

  it('sets no system timer while nothing waits', () => {
    const time = new FakeTime();
    const wheel = new TimerWheel(time.now, time.wake);
    wheel.after(5000, () => undefined).cancel();
    expect(time.armed).toBe(false);
  });

  it('fires what a stall of several turns made late, exactly once', () => {
    const time = new FakeTime();
    const wheel = new TimerWheel(time.now, time.wake);
    let fired = 0;
    for (let ms = 1000; ms <= 100_000; ms += 1000) wheel.after(ms, () => (fired += 1));
    const { wakeUps } = time;
    time.nowMs += 150_000;
    time.advance(0);
    expect(fired).toBe(100);
    expect(time.wakeUps).toBe(wakeUps + 1);
  });

  it('lets a callback cancel another timer that is due in the same tick', () => {
    const time = new FakeTime();
    const wheel = new TimerWheel(time.now, time.wake);
    const fired: string[] = [];
    const timers = ['a', 'b'].map((name) =>
      wheel.after(2000, () => {
        fired.push(name);
        for (const timer of timers) timer.cancel();
      }),
    );
    time.advance(3000);
    expect(fired).toHaveLength(1);
    expect(wheel.size).toBe(0);
  });

  it('lets a callback set a new timer, also when it is the only one', () => {
    const time = new FakeTime();
    const wheel = new TimerWheel(time.now, time.wake);
    const firedAt: number[] = [];
    const again = (): void => {
      firedAt.push(time.nowMs);
      if (firedAt.length < 3) wheel.after(1000, again);
    };
    wheel.after(1000, again);
    time.advance(10_000);
    expect(firedAt).toHaveLength(3);
  });

  it('wakes rarely for one long wait', () => {
    const time = new FakeTime();
    const wheel = new TimerWheel(time.now, time.wake);
    wheel.after(600_000, () => undefined);
    time.advance(610_000);
    expect(time.wakeUps).toBeLessThan(50);
  });
});
