import { base64ToBytes, bytesToBase64 } from '../../base/base64.ts';
import { bytesToTextStrict, textToBytes } from '../../base/bytes.ts';

/** Text as the base64 of its UTF-8 bytes. */
export function textToBase64(text: string): string {
  return bytesToBase64(textToBytes(text));
}

/** The text inside base64 of either alphabet; null where it is no base64 or no UTF-8. */
export function base64ToText(base64: string): string | null {
  const bytes = base64ToBytes(base64);
  return bytes === null ? null : bytesToTextStrict(bytes);
}
