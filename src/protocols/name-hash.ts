/** FNV-1a over UTF-16 units, as an unsigned number of 32 bits; another seed makes another hash. */
export function fnv1a(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** Eight hexadecimal digits for a name. */
export function shortHash(name: string): string {
  return hex(fnv1a(name, FIRST_SEED));
}

/** Sixteen hexadecimal digits for a name; they make a meeting of two names within one request unthinkable. */
export function longHash(name: string): string {
  return hex(fnv1a(name, FIRST_SEED)) + hex(fnv1a(name, SECOND_SEED));
}

/** The seed of FNV-1a itself. */
export const FIRST_SEED = 0x811c9dc5;
/** Another seed for whoever needs a second, independent hash. */
export const SECOND_SEED = 0x01234567;

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
