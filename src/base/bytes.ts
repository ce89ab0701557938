import { brandText, type Brand } from './brand.ts';

/**
 * A byte string: each character (U+0000 to U+00FF) is one byte. It is how bodies travel through the gateway:
 * V8 keeps it in one byte per character, searches it with SIMD `indexOf`, splices it without copying, and Node
 * writes head and body of a message as one latin1 string in one system call (docs/decisions/0004-byte-strings.md).
 */
export type Bytes = Brand<string, 'Bytes'>;

/** No bytes at all. */
export const EMPTY_BYTES: Bytes = brandText<Bytes>('');

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// oxlint-disable-next-line no-control-regex -- the ASCII range starts at NUL by definition
const NOT_ASCII = /[^\u0000-\u007f]/;
const CHUNK = 8192;

/** Encodes text as UTF-8. Pure ASCII, the common case, is returned as it is. */
export function textToBytes(text: string): Bytes {
  if (!NOT_ASCII.test(text)) return brandText<Bytes>(text);
  return arrayToBytes(encoder.encode(text));
}

/** Decodes UTF-8; broken sequences become U+FFFD. */
export function bytesToText(bytes: Bytes): string {
  return NOT_ASCII.test(bytes) ? decoder.decode(bytesToArray(bytes)) : bytes;
}

/** Decodes UTF-8, or null where the bytes are not valid UTF-8. */
export function bytesToTextStrict(bytes: Bytes): string | null {
  if (!NOT_ASCII.test(bytes)) return bytes;
  try {
    return strictDecoder.decode(bytesToArray(bytes));
  } catch {
    return null;
  }
}

/** Copies a byte string into an array. */
export function bytesToArray(bytes: Bytes): Uint8Array {
  const array = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) array[i] = bytes.charCodeAt(i);
  return array;
}

/** Copies an array into a byte string. */
export function arrayToBytes(array: Uint8Array): Bytes {
  if (array.length <= CHUNK) return brandText<Bytes>(String.fromCharCode(...array));
  const pieces: string[] = [];
  for (let i = 0; i < array.length; i += CHUNK) {
    pieces.push(String.fromCharCode(...array.subarray(i, i + CHUNK)));
  }
  return brandText<Bytes>(pieces.join(''));
}
