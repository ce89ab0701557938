import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packValues, unpackValues } from './packed-values.ts';

const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

describe('packed values', () => {
  it('are the same when they are unpacked, also in another thread', () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const packed = packValues(values);
        expect(packed).not.toBeNull();
        expect(unpackValues(structuredClone(packed!))).toEqual(values);
      }),
    );
  });

  it('are refused where an integer has more than 64 bits, and not cut', () => {
    for (const tooBig of [2n ** 63n, -(2n ** 63n) - 1n]) expect(packValues(['a', tooBig])).toBeNull();
  });
});
