import { describe, expect, it } from 'vitest';
import { CHECKS } from '../scripts/checks.ts';

// The same list as `npm run check`, so that `npm test` alone says whether a change may go in.
describe('static checks', () => {
  it.each(CHECKS)(
    '$name: nothing is found',
    async ({ run }) => {
      const result = await run();
      expect(result.ok, result.output).toBe(true);
    },
    180_000,
  );
});
