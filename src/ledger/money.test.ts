import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd, nanodollars, parseUsd, picodollars, toNanodollars } from './money.ts';

describe('toNanodollars', () => {
  const rows: readonly (readonly [pico: bigint, nano: bigint])[] = [
    [0n, 0n],
    [499n, 0n],
    [500n, 0n],
    [501n, 1n],
    [1499n, 1n],
    [1500n, 2n],
    [2500n, 2n],
    [2501n, 3n],
    [-500n, 0n],
    [-501n, -1n],
    [-1500n, -2n],
    [-2500n, -2n],
  ];
  it.each(rows)('rounds %s picodollars to %s nanodollars', (pico, nano) => {
    expect(toNanodollars(picodollars(pico))).toBe(nano);
  });

  it('is never further than half a nanodollar from the exact amount, and even where it is exactly half', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 21n), 10n ** 21n), (pico) => {
        const nano = toNanodollars(picodollars(pico));
        const error = nano * 1000n - pico;
        const distance = error < 0n ? -error : error;
        expect(distance <= 500n).toBe(true);
        expect(distance < 500n || nano % 2n === 0n).toBe(true);
      }),
    );
  });

  it('never turns the order of two amounts around', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 9n), 10n ** 9n), fc.bigInt(0n, 5000n), (pico, more) => {
        expect(toNanodollars(picodollars(pico)) <= toNanodollars(picodollars(pico + more))).toBe(true);
      }),
    );
  });
});

describe('parseUsd and formatUsd', () => {
  it('give back every amount that fits the ledger', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n - 1n), 2n ** 63n - 1n), (value) => {
        expect(parseUsd(formatUsd(nanodollars(value)))).toBe(value);
      }),
    );
  });

  const rows: readonly (readonly [text: string, nano: bigint | null])[] = [
    ['1000', 1_000_000_000_000n],
    ['0.1', 100_000_000n],
    ['0.000000001', 1n],
    ['0.0000000001', null],
    ['9223372036.854775807', 9_223_372_036_854_775_807n],
    ['9223372036.854775808', null],
    ['$1', null],
    ['1e3', null],
    ['', null],
  ];
  it.each(rows)('reads %j as %s nanodollars', (text, nano) => {
    expect(parseUsd(text)).toBe(nano);
  });

  it('writes at least cents', () => {
    expect(formatUsd(nanodollars(0n))).toBe('0.00');
    expect(formatUsd(nanodollars(12_500_000_000n))).toBe('12.50');
    expect(formatUsd(nanodollars(-1n))).toBe('-0.000000001');
  });
});
