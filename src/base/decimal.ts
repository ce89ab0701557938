/**
 * An exact decimal number times ten to the power of `places`, as an integer: `('0.0375', 6)` is 37500n. Null where the
 * text is no plain decimal number, has more digits than fit into the places, or is longer than anybody would write.
 */
export function parseDecimal(text: string, places: number): bigint | null {
  if (text.length > LENGTH_MAX) return null;
  const match = PLAIN.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > places) return null;
  const magnitude = BigInt(whole + digits.padEnd(places, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

/** The decimal text of an integer with that many places behind the point, of which at least `placesMin` are written. */
export function formatDecimal(value: bigint, places: number, placesMin: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits
    .slice(digits.length - places)
    .replace(/0+$/, '')
    .padEnd(placesMin, '0');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?$/;
const LENGTH_MAX = 40;
