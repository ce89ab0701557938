import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../testing/seeded-random.ts';
import { ConcurrencyLimit } from './concurrency.ts';

const CONFIG = { min: 64, max: 10_000 };
/** Two hundred answers begin in a second. */
const EVERY_MS = 5;

/** Tells it of so many first tokens. */
function tell(limit: ConcurrencyLimit, times: number, ms: () => number, inFlight: () => number): void {
  for (let n = 0; n < times; n += 1) {
    nowMs += EVERY_MS;
    limit.firstToken(ms(), inFlight(), nowMs);
  }
}

let nowMs = 1_000;

describe('the concurrency limit', () => {
  it.each([
    { config: CONFIG, start: 256 },
    { config: { min: 1, max: 50 }, start: 50 },
    { config: { min: 1_000, max: 2_000 }, start: 1_000 },
  ])('begins at $start within $config', ({ config, start }) => {
    expect(new ConcurrencyLimit(config).limit).toBe(start);
  });

  it('sheds the lowest priority first, and lets at least one call of each through', () => {
    const limit = new ConcurrencyLimit({ min: 1, max: 100 });
    const fullAt = (priority: 'high' | 'normal' | 'low'): number => {
      let inFlight = 0;
      while (!limit.full(inFlight, priority)) inFlight += 1;
      return inFlight;
    };
    expect([fullAt('high'), fullAt('normal'), fullAt('low')]).toEqual([100, 90, 70]);
    expect(new ConcurrencyLimit({ min: 1, max: 1 }).full(0, 'low')).toBe(false);
  });

  it('stays within its bounds whatever it is told', () => {
    const samples = fc.array(
      fc.record({ ms: fc.integer({ min: 0, max: 600_000 }), inFlight: fc.integer({ min: 0, max: 20_000 }) }),
      { maxLength: 300 },
    );
    const bounds = fc.record({ min: fc.integer({ min: 1, max: 300 }), more: fc.nat(1_000) });
    fc.assert(
      fc.property(samples, bounds, (list, { min, more }) => {
        const limit = new ConcurrencyLimit({ min, max: min + more });
        for (const { ms, inFlight } of list) {
          nowMs += EVERY_MS;
          limit.firstToken(ms, inFlight, nowMs);
          expect(limit.limit).toBeGreaterThanOrEqual(min);
          expect(limit.limit).toBeLessThanOrEqual(min + more);
        }
      }),
    );
  });

  it('does not grow while it is not used', () => {
    const limit = new ConcurrencyLimit(CONFIG);
    tell(
      limit,
      1_000,
      () => 300,
      () => 127,
    );
    expect(limit.limit).toBe(256);
  });

  it('grows under load while the time to the first token is steady, although no two are alike', () => {
    const limit = new ConcurrencyLimit(CONFIG);
    const random = seededRandom(7);
    tell(
      limit,
      2_000,
      () => 300 * (0.6 + 0.8 * random.next()),
      () => limit.limit,
    );
    expect(limit.limit).toBeGreaterThan(1_000);
  });

  it('shrinks where load makes the target slow, and not below its least', () => {
    const limit = new ConcurrencyLimit(CONFIG);
    tell(
      limit,
      2_000,
      () => 300,
      () => 10,
    );
    tell(
      limit,
      100,
      () => 3_000,
      () => limit.limit,
    );
    expect(limit.limit).toBe(64);
  });

  it('finds, with a target that slows down above 500 calls, a limit about there', () => {
    const limit = new ConcurrencyLimit(CONFIG);
    tell(
      limit,
      2_000,
      () => 300,
      () => 10,
    );
    const slower = (): number => 300 * Math.max(1, limit.limit / 500);
    // Two minutes under full load.
    tell(limit, 24_000, slower, () => limit.limit);
    expect(limit.limit).toBeGreaterThan(500);
    expect(limit.limit).toBeLessThan(1_500);
  });

  it('keeps what it learned within other bounds', () => {
    const limit = new ConcurrencyLimit(CONFIG);
    limit.adopt({ min: 10, max: 100 });
    expect(limit.limit).toBe(100);
    limit.adopt(CONFIG);
    expect(limit.limit).toBe(100);
  });
});
