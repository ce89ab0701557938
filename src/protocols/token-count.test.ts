import { expect, it } from 'vitest';
import { tokenCount } from './token-count.ts';

it.each([
  [0, 0],
  [17, 17],
  ['17', 17],
  [1.9, 1],
  [1e12, 1e12],
  [1e13, null],
  [-1, null],
  ['-1', null],
  ['many', null],
  ['', null],
  [null, null],
  [undefined, null],
  [true, null],
  [[], null],
])('a count of %j is %j', (told, count) => {
  expect(tokenCount(told)).toBe(count);
});
