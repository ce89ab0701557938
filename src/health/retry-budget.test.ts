import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

const START_MS = 1_800_000_000_000;
const WINDOW_MS = 10_000;

describe('the retry budget', () => {
  it('allows the minimum without any request, again after eleven seconds', () => {
    const budget = new RetryBudget({ share: 0.2, minimum: 3 });
    for (let n = 0; n < 3; n += 1) {
      expect(budget.allows(START_MS)).toBe(true);
      budget.repeated(START_MS);
    }
    expect(budget.allows(START_MS)).toBe(false);
    expect(budget.allows(START_MS + 9_999)).toBe(false);
    expect(budget.allows(START_MS + 11_000)).toBe(true);
  });

  it('remembers repetitions for all of ten seconds, and requests for no more', () => {
    const used = new RetryBudget({ share: 0, minimum: 1 });
    used.repeated(START_MS + 900);
    expect(used.allows(START_MS + 10_850)).toBe(false);
    const old = new RetryBudget({ share: 1, minimum: 0 });
    old.requested(START_MS + 100);
    expect(old.allows(START_MS + 9_900)).toBe(true);
    expect(old.allows(START_MS + 10_100)).toBe(false);
  });

  it('takes nothing when it is asked', () => {
    const budget = new RetryBudget({ share: 0, minimum: 1 });
    for (let n = 0; n < 10; n += 1) expect(budget.allows(START_MS)).toBe(true);
  });

  it('allows a share of the requests and no more', () => {
    const budget = new RetryBudget({ share: 0.2, minimum: 3 });
    for (let n = 0; n < 100; n += 1) budget.requested(START_MS);
    let repeats = 0;
    while (budget.allows(START_MS + 500)) {
      budget.repeated(START_MS + 500);
      repeats += 1;
    }
    expect(repeats).toBe(23);
  });

  it('keeps other settings to what was counted', () => {
    const budget = new RetryBudget({ share: 1, minimum: 0 });
    for (let n = 0; n < 10; n += 1) budget.requested(START_MS);
    for (let n = 0; n < 5; n += 1) budget.repeated(START_MS);
    budget.adopt({ share: 0.5, minimum: 0 });
    expect(budget.allows(START_MS)).toBe(false);
  });

  it('is kept to over every ten seconds that end with a repetition, whatever comes when', () => {
    const step = fc.record({
      afterMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 12_000 })),
      type: fc.constantFrom('request', 'request', 'repeat'),
    });
    const settings = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), minimum: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), settings, (steps, config) => {
        const budget = new RetryBudget(config);
        let nowMs = START_MS;
        let excess = -Infinity;
        const requests: number[] = [];
        const repeats: number[] = [];
        const recent = (list: number[]): number => list.filter((atMs) => atMs > nowMs - WINDOW_MS).length;
        for (const { afterMs, type } of steps) {
          nowMs += afterMs;
          if (type === 'request') {
            budget.requested(nowMs);
            requests.push(nowMs);
          } else if (budget.allows(nowMs)) {
            budget.repeated(nowMs);
            repeats.push(nowMs);
            const allowed = config.share * recent(requests) + config.minimum;
            excess = Math.max(excess, recent(repeats) - allowed);
          }
        }
        expect(excess).toBeLessThanOrEqual(0);
      }),
    );
  });
});
