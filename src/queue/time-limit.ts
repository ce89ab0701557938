import type { Clock } from '../spec/ports.ts';

/** What came of waiting for a promise up to a limit. */
export type InTime<Value> =
  | { readonly type: 'done'; readonly value: Value }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'late' };

/** Waits for a promise, but no longer than this. Never rejects; what comes too late is nobody's. */
export function inTime<Value>(clock: Clock, ms: number, promise: Promise<Value>): Promise<InTime<Value>> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, () => resolve({ type: 'late' }));
    promise.then(
      (value) => {
        timer.cancel();
        resolve({ type: 'done', value });
      },
      (error: unknown) => {
        timer.cancel();
        resolve({ type: 'failed', error });
      },
    );
  });
}
