import { looksLikeKey } from './key-format.ts';

/** Fewest characters of a key that an operator chooses himself. */
const CHOSEN_KEY_LENGTH_MIN = 24;
/** Longest text that is looked at as a key at all, so that a huge header costs nothing. */
export const KEY_LENGTH_MAX = 256;
const DISTINCT_MIN = 10;

/** Why a key chosen by the operator is too weak to be accepted, as the rest of a sentence "the key ..."; null where it is fine. */
export function weaknessOf(value: string): string | null {
  if (value.length < CHOSEN_KEY_LENGTH_MIN) {
    return `has ${value.length} characters; at least ${CHOSEN_KEY_LENGTH_MIN} are needed`;
  }
  if (value.length > KEY_LENGTH_MAX) return `is longer than ${KEY_LENGTH_MAX} characters`;
  if (!/^[\x21-\x7e]+$/.test(value)) {
    return 'has spaces, line ends or characters outside of ASCII, which do not survive in a header';
  }
  const distinct = new Set(value).size;
  if (distinct < DISTINCT_MIN) {
    return `is made of only ${distinct} different characters; at least ${DISTINCT_MIN} are needed`;
  }
  if (isRepetition(value)) return 'repeats one short piece over and over';
  if (isSequence(value)) return 'is a run of neighbouring characters';
  if (looksLikeKey(value).type === 'typo') return 'looks like a key of this gateway with a typo in it';
  return null;
}

// A text found inside its own double at another place than the ends is made of a repeated piece.
function isRepetition(value: string): boolean {
  return (value + value).indexOf(value, 1) < value.length;
}

// More than three quarters of all steps go to the next or previous character: abcdefgh..., 9876...
function isSequence(value: string): boolean {
  let steps = 0;
  for (let i = 1; i < value.length; i += 1) {
    if (Math.abs(value.charCodeAt(i) - value.charCodeAt(i - 1)) <= 1) steps += 1;
  }
  return steps > (value.length - 1) * 0.75;
}
