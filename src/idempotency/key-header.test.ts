import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyProblem } from './key-header.ts';

it('takes every text of up to 255 visible characters, and says what is wrong with any other', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (key) => {
      const sound = key.trim() !== '' && key.length <= 255 && !/\p{Cc}/u.test(key);
      expect(keyProblem(key) === null).toBe(sound);
      expect(keyProblem(key) ?? 'The header Idempotency-Key').toContain('The header Idempotency-Key');
    }),
  );
});
