import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrapOpaque, wrapOpaque } from './opaque.ts';

describe('wrapping signed state', () => {
  it('restores every origin and value byte for byte', () => {
    const origin = fc.stringMatching(/^[a-z][a-z-]{0,20}$/);
    fc.assert(
      fc.property(origin, fc.string({ unit: 'binary' }), (name, value) => {
        const state = { origin: name, value };
        expect(unwrapOpaque(wrapOpaque(state))).toEqual(state);
      }),
    );
  });

  it.each(['', 'gw1.', 'gw1..x', 'gw1.gemini', 'EqQBCgIYAhIM', 'xgw1.gemini.abc'])(
    'leaves %j to the wire it stands on',
    (text) => {
      expect(unwrapOpaque(text)).toBeNull();
    },
  );
});
