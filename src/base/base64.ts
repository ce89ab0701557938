import { brandText } from './brand.ts';
import type { Bytes } from './bytes.ts';

/** Bytes as base64 of the standard alphabet, padded. Pure folders have neither `btoa` nor `Buffer`. */
export function bytesToBase64(bytes: Bytes): string {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes.charCodeAt(i) << 16) | (byteAt(bytes, i + 1) << 8) | byteAt(bytes, i + 2);
    const left = bytes.length - i;
    const [a, b] = [LETTERS.charAt(group >> 18), LETTERS.charAt((group >> 12) & 63)];
    const c = left > 1 ? LETTERS.charAt((group >> 6) & 63) : '=';
    const d = left > 2 ? LETTERS.charAt(group & 63) : '=';
    pieces.push(a + b + c + d);
  }
  return pieces.join('');
}

/** The bytes inside base64 of either alphabet, padded or not; null where it is none. */
export function base64ToBytes(base64: string): Bytes | null {
  const letters = base64.replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/_-]*$/.test(letters)) return null;
  const pieces: string[] = [];
  for (let i = 0; i < letters.length; i += 4) {
    let group = 0;
    for (let k = 0; k < 4; k += 1) group = (group << 6) | valueAt(letters, i + k);
    const size = Math.min(3, Math.floor(((letters.length - i) * 3) / 4));
    const bytes = String.fromCharCode((group >> 16) & 0xff, (group >> 8) & 0xff, group & 0xff);
    pieces.push(bytes.slice(0, size));
  }
  return brandText<Bytes>(pieces.join(''));
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function byteAt(bytes: Bytes, index: number): number {
  return index < bytes.length ? bytes.charCodeAt(index) : 0;
}

// The value of a letter by its code: a search in the alphabet would cost too much for vectors of thousands.
function valueAt(letters: string, index: number): number {
  const code = letters.charCodeAt(index);
  if (code === UNDERSCORE) return 63;
  if (code >= 97) return code - 71;
  if (code >= 65) return code - 65;
  if (code >= 48) return code + 4;
  if (code === PLUS || code === MINUS) return 62;
  return code === SLASH ? 63 : 0;
}

const PLUS = 0x2b;
const MINUS = 0x2d;
const SLASH = 0x2f;
const UNDERSCORE = 0x5f;
