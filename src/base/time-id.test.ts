import { expect, it } from 'vitest';
import { timeId } from './time-id.ts';

it('sorts by time, whatever follows', () => {
  const times = [0, 1, 255, 1_800_000_000_000, 1_800_000_000_000.7, 1_800_000_000_001, 9_000_000_000_000];
  const ids = times.map((ms, index) => timeId('req_', ms, `${index}f0f0f`));
  expect(ids.toSorted()).toEqual(ids);
  expect(timeId('req_', 1_800_000_000_000, 'abc')).toBe('req_01a3185c5000abc');
});
