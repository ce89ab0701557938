import { brandText } from '../../base/brand.ts';
import { bytesToTextStrict, textToBytes, type Bytes } from '../../base/bytes.ts';

/** Text as the base64 of its UTF-8 bytes. Pure folders have neither `btoa` nor `Buffer`. */
export function textToBase64(text: string): string {
  const bytes = textToBytes(text);
  let result = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes.charCodeAt(i) << 16) | (byteAt(bytes, i + 1) << 8) | byteAt(bytes, i + 2);
    const left = bytes.length - i;
    result += LETTERS.charAt(group >> 18) + LETTERS.charAt((group >> 12) & 63);
    result += left > 1 ? LETTERS.charAt((group >> 6) & 63) : '=';
    result += left > 2 ? LETTERS.charAt(group & 63) : '=';
  }
  return result;
}

/** The text inside base64 of either alphabet; null where it is no base64 or no UTF-8. */
export function base64ToText(base64: string): string | null {
  const letters = base64.replace(/[=]+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  let bytes = '';
  let group = 0;
  let bits = 0;
  for (const letter of letters) {
    const value = LETTERS.indexOf(letter);
    if (value < 0) return null;
    group = ((group << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += String.fromCharCode((group >> bits) & 0xff);
  }
  return bytesToTextStrict(brandText<Bytes>(bytes));
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function byteAt(bytes: Bytes, index: number): number {
  return index < bytes.length ? bytes.charCodeAt(index) : 0;
}
