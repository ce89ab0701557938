import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counted, EMPTY_WINDOW } from './failure-window.ts';

const WINDOW_MS = 30_000;
const START_MS = 1_800_000_000_000;

describe('the window of failures', () => {
  it('holds, of any calls, those of the last 25 to 30 seconds', () => {
    const calls = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 20_000 }), failed: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(calls, (list) => {
        let window = EMPTY_WINDOW;
        let nowMs = START_MS;
        const log: { atMs: number; failed: boolean }[] = [];
        for (const { afterMs, failed } of list) {
          nowMs += afterMs;
          log.push({ atMs: nowMs, failed });
          window = counted(window, nowMs, WINDOW_MS, failed);
          const surely = log.filter(({ atMs }) => atMs > nowMs - 25_000);
          const perhaps = log.filter(({ atMs }) => atMs > nowMs - 30_000);
          expect(window.requests).toBeGreaterThanOrEqual(surely.length);
          expect(window.requests).toBeLessThanOrEqual(perhaps.length);
          expect(window.failures).toBeGreaterThanOrEqual(surely.filter((call) => call.failed).length);
          expect(window.failures).toBeLessThanOrEqual(perhaps.filter((call) => call.failed).length);
        }
      }),
    );
  });

  it('begins anew where its length changes', () => {
    const before = counted(EMPTY_WINDOW, START_MS, 30_000, true);
    expect(counted(before, START_MS + 1, 300_000, false)).toMatchObject({ requests: 1, failures: 0 });
    expect(counted(before, START_MS + 1, 3_000, false)).toMatchObject({ requests: 1, failures: 0 });
  });
});
