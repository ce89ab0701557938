/** Longest `Idempotency-Key`. */
const KEY_LENGTH_MAX = 255;

/** What is wrong with the value of an `Idempotency-Key` header; null where it is sound. */
export function keyProblem(key: string): string | null {
  if (key.trim() === '') return 'The header Idempotency-Key is empty: give each request a text of its own.';
  if (key.length > KEY_LENGTH_MAX) {
    return `The header Idempotency-Key is ${key.length} characters long; at most ${KEY_LENGTH_MAX} are allowed.`;
  }
  return /\p{Cc}/u.test(key) ? 'The header Idempotency-Key holds a control character.' : null;
}
