import { diceFrom } from './dice.ts';

/** A unit vector for a text: the sum of a fixed direction for each of its words, so that texts that share words are near. */
export function vectorOf(text: string, dimensions: number): readonly number[] {
  const sum = Array.from({ length: dimensions }, () => 0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    const dice = diceFrom(word);
    for (let i = 0; i < dimensions; i += 1) sum[i] = (sum[i] ?? 0) + dice.next() - 0.5;
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => Math.fround(value / length));
}

/** The vector as base64 of little-endian 32-bit floats, the form that OpenAI's client asks for. */
export function vectorBase64(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((value, index) => view.setFloat32(index * 4, value, true));
  return base64(new Uint8Array(view.buffer));
}

function base64(bytes: Uint8Array): string {
  let result = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const triple = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    result +=
      letter(triple >> 18) +
      letter(triple >> 12) +
      (left > 1 ? letter(triple >> 6) : '=') +
      (left > 2 ? letter(triple) : '=');
  }
  return result;
}

function letter(bits: number): string {
  return BASE64[bits & 63] ?? '';
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
