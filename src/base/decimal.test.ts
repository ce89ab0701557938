import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal } from './decimal.ts';

describe('parseDecimal', () => {
  const rows: readonly (readonly [text: string, places: number, value: bigint | null])[] = [
    ['0.0375', 6, 37_500n],
    ['3', 6, 3_000_000n],
    ['-1.5', 2, -150n],
    ['+1.5', 2, 150n],
    ['1.500', 1, 15n],
    ['0.1', 0, null],
    ['1e-7', 9, null],
    ['.5', 2, null],
    ['5.', 2, null],
    ['', 2, null],
    ['1,5', 2, null],
    ['0x10', 2, null],
    [' 1', 2, null],
    ['NaN', 2, null],
    ['9'.repeat(41), 2, null],
  ];
  it.each(rows)('reads %j with %i places as %s', (text, places, value) => {
    expect(parseDecimal(text, places)).toBe(value);
  });
});

describe('formatDecimal', () => {
  it('is undone by parseDecimal for every integer', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 24n), 10n ** 24n), fc.integer({ min: 0, max: 12 }), (value, places) => {
        expect(parseDecimal(formatDecimal(value, places, 0), places)).toBe(value);
      }),
    );
  });

  it('writes at least the wanted places and no needless zeros', () => {
    expect(formatDecimal(1_500_000_000n, 9, 2)).toBe('1.50');
    expect(formatDecimal(1n, 9, 2)).toBe('0.000000001');
    expect(formatDecimal(-20n, 1, 0)).toBe('-2');
    expect(formatDecimal(0n, 9, 2)).toBe('0.00');
  });
});
