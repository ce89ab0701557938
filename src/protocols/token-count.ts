import { asNumber, type Json } from '../base/json.ts';

/** More tokens than any call could use; a larger number is no count. */
const TOKENS_MAX = 1e12;

/**
 * A count of tokens as providers tell it: fractions are cut off, and digits in a text are read, as proto3 JSON may write
 * them. Null where it is no count: money is only ever computed from whole numbers.
 */
export function tokenCount(value: Json | undefined): number | null {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : asNumber(value);
  return number === undefined || number < 0 || number > TOKENS_MAX ? null : Math.floor(number);
}
