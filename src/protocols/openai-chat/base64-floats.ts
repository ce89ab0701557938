import { base64ToBytes, bytesToBase64 } from '../../base/base64.ts';
import { brandText } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';

/** Vectors as OpenAI's clients ask for them by default: base64 of little-endian 32-bit floats. */
export function floatsToBase64(values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => view.setFloat32(index * 4, value, true));
  const characters: string[] = [];
  for (let i = 0; i < view.byteLength; i += 1) characters.push(String.fromCharCode(view.getUint8(i)));
  return bytesToBase64(brandText<Bytes>(characters.join('')));
}

/** The numbers of such a vector; null where the text is none. */
export function base64ToFloats(text: string): readonly number[] | null {
  const bytes = base64ToBytes(text);
  if (bytes === null || bytes.length % 4 !== 0) return null;
  const view = new DataView(new ArrayBuffer(bytes.length));
  for (let i = 0; i < bytes.length; i += 1) view.setUint8(i, bytes.charCodeAt(i));
  const values: number[] = [];
  for (let i = 0; i < bytes.length; i += 4) values.push(view.getFloat32(i, true));
  return values;
}
