import { type Brand, brandInteger } from '../base/brand.ts';
import { formatDecimal, parseDecimal } from '../base/decimal.ts';

/** An amount of money as the ledger keeps it: billionths of a dollar. A 64-bit column holds nine billion dollars. */
export type Nanodollars = Brand<bigint, 'Nanodollars'>;

/** An amount while it is being summed: tokens times picodollars per token, exact. */
export type Picodollars = Brand<bigint, 'Picodollars'>;

/** An integer as an amount in billionths of a dollar. */
export function nanodollars(value: bigint): Nanodollars {
  return brandInteger<Nanodollars>(value);
}

/** An integer as an amount in trillionths of a dollar. */
export function picodollars(value: bigint): Picodollars {
  return brandInteger<Picodollars>(value);
}

/**
 * The nearest amount in nanodollars; a half goes to the even neighbour, so that many small requests err to neither side.
 * This is the only rounding of money in the program, and it is done once per request.
 */
export function toNanodollars(amount: Picodollars): Nanodollars {
  // Division of bigints truncates towards zero, so the rest has the sign of the amount.
  const truncated = amount / PICO_PER_NANO;
  const rest = amount % PICO_PER_NANO;
  const distance = rest < 0n ? -rest : rest;
  const awayFromZero = distance > HALF || (distance === HALF && truncated % 2n !== 0n);
  if (!awayFromZero) return nanodollars(truncated);
  return nanodollars(truncated + (rest < 0n ? -1n : 1n));
}

/**
 * The amount that a text such as `12.50` states in dollars. Null where it is no plain decimal number, is finer than a
 * nanodollar or does not fit a 64-bit column. JSON and configuration carry amounts in this form, never as floats.
 */
export function parseUsd(text: string): Nanodollars | null {
  const value = parseDecimal(text, NANO_PLACES);
  if (value === null || value > COLUMN_MAX || value < -COLUMN_MAX) return null;
  return nanodollars(value);
}

/** The exact decimal text of an amount in dollars, with at least cents: `12.50`, `0.000000001`. */
export function formatUsd(amount: Nanodollars): string {
  return formatDecimal(amount, NANO_PLACES, 2);
}

const NANO_PLACES = 9;
const PICO_PER_NANO = 1000n;
const HALF = PICO_PER_NANO / 2n;
const COLUMN_MAX = 2n ** 63n - 1n;
