import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { AttemptWatch, type Watched } from './attempt-watch.ts';
import type { Waits } from './waits.ts';

const WAITS: Waits = {
  connectMs: 2_000,
  firstByteMs: 120_000,
  firstTokenMs: 300_000,
  idleMs: 30_000,
  answerMs: 300_000,
  minTokensPerSecond: 0,
  fairMs: 120_000,
};

/** Notes what the watch tells, with the time. */
class Noted implements Watched {
  readonly told: (readonly [what: string, atMs: number])[] = [];
  readonly #clock: VirtualClock;
  blocked = false;
  whole = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  outputTokens(): number {
    return 0;
  }
  tooSlow(): void {
    this.#note('too slow');
  }
  answerLate(): void {
    this.#note('late');
  }
  stalled(): void {
    this.#note('stalled');
  }
  refusalLate(): void {
    this.#note('refusal');
  }
  deadlinePassed(): void {
    this.#note('deadline');
  }

  #note(what: string): void {
    this.told.push([what, this.#clock.monotonicMs()]);
  }
}

describe('a stream that falls silent', () => {
  // A model that may reason for minutes before it speaks is not granted those minutes once it has spoken.
  it.each([1, 10, 5_000, 70_000])(
    'behind a first word after %i ms is given up a quarter later at most',
    async (firstMs) => {
      const clock = new VirtualClock();
      const noted = new Noted(clock);
      const startedMs = clock.monotonicMs();
      const watch = new AttemptWatch(clock, WAITS, noted);
      watch.stream();
      clock.after(firstMs, () => void watch.progress());
      await clock.advance(200_000);
      const [first] = noted.told;
      expect(first?.[0]).toBe('too slow');
      const silentMs = (first?.[1] ?? 0) - startedMs - firstMs;
      expect(silentMs).toBeGreaterThanOrEqual(WAITS.idleMs);
      expect(silentMs).toBeLessThanOrEqual(WAITS.idleMs * 1.25);
      watch.stop();
    },
  );

  it('without a word gets all of the time for the first one', async () => {
    const clock = new VirtualClock();
    const noted = new Noted(clock);
    const startedMs = clock.monotonicMs();
    const watch = new AttemptWatch(clock, WAITS, noted);
    watch.stream();
    await clock.advance(WAITS.firstTokenMs - 1);
    expect(noted.told).toEqual([]);
    await clock.advance(WAITS.idleMs);
    expect(noted.told).toEqual([['too slow', startedMs + WAITS.firstTokenMs]]);
    watch.stop();
  });
});
