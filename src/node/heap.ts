import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Keeps the young generation of the heap at its smallest while the program is loaded: what loading leaves behind would
 * grow it to 16 MB that an idle gateway never needs. Measured: 13 MB less when idle, no time.
 */
export function startSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Lets the heap of a program that serves grow with its load, within bounds: the young generation up to a quarter of the
 * engine's 64 MB, the old one by at most so many percent between two collections. Measured under 256 connections: 70 MB
 * less after the load, and a cost below what could be measured (3 % of the processor).
 */
export function growWithLoad(): void {
  setFlagsFromString(`--heap-growing-percent=${OLD_GROWING_PERCENT}`);
  setFlagsFromString('--semi-space-growth-factor=2');
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < YOUNG_BYTES_MAX) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}

const OLD_GROWING_PERCENT = 40;
/** Both halves together. */
const YOUNG_BYTES_MAX = 16_000_000;

function youngBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0;
}
