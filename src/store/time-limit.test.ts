import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { memoryStores } from './memory/memory-stores.ts';
import type { Stores } from './store.ts';
import { describeStores } from './testing/conformance.ts';
import { withTimeLimits } from './time-limit.ts';

describeStores('with time limits', () => withTimeLimits(memoryStores(), { clock: new VirtualClock() }));

const never = (): Promise<never> => new Promise(() => undefined);

function hanging(): Stores {
  const stores = memoryStores();
  return { ...stores, health: never, close: never, settings: { get: never, set: never } };
}

describe('a store that hangs', () => {
  it('fails in time, and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    const stores = withTimeLimits(hanging(), { clock });
    const told: string[] = [];
    void stores.settings.get('a').catch((error: Error) => told.push(error.message));
    void stores.health().then((problem) => told.push(String(problem)));
    void stores.close().catch((error: Error) => told.push(error.message));
    await clock.advance(30_000);
    expect(told).toEqual([2_000, 10_000, 30_000].map((ms) => `The store did not answer within ${ms} ms.`));
    expect(clock.timers).toBe(0);
  });

  it('that throws at once rejects like any other', async () => {
    const clock = new VirtualClock();
    const throwing = (): never => {
      throw new Error('broken');
    };
    const stores = withTimeLimits(
      { ...memoryStores(), settings: { get: throwing, set: throwing } },
      { clock },
    );
    await expect(stores.settings.get('a')).rejects.toThrow('broken');
    expect(clock.timers).toBe(0);
  });
});
