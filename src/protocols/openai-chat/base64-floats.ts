/** Vectors as OpenAI's clients ask for them by default: base64 of little-endian 32-bit floats. */
export function floatsToBase64(values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => view.setFloat32(index * 4, value, true));
  const pieces: string[] = [];
  for (let i = 0; i < view.byteLength; i += 3) {
    const left = view.byteLength - i;
    const group = (view.getUint8(i) << 16) | (byteAt(view, i + 1) << 8) | byteAt(view, i + 2);
    const [a, b] = [LETTERS.charAt(group >> 18), LETTERS.charAt((group >> 12) & 63)];
    const c = left > 1 ? LETTERS.charAt((group >> 6) & 63) : '=';
    const d = left > 2 ? LETTERS.charAt(group & 63) : '=';
    pieces.push(a + b + c + d);
  }
  return pieces.join('');
}

/** The numbers of such a vector; null where the text is none. */
export function base64ToFloats(text: string): readonly number[] | null {
  const letters = text.replace(/=+$/, '');
  const size = Math.floor((letters.length * 3) / 4);
  if (size % 4 !== 0 || !/^[A-Za-z0-9+/]*$/.test(letters)) return null;
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  for (let i = 0; i < letters.length; i += 4) {
    let group = 0;
    for (let k = 0; k < 4; k += 1) group = (group << 6) | valueAt(letters, i + k);
    for (let shift = 16; shift >= 0 && at < size; shift -= 8, at += 1)
      view.setUint8(at, (group >> shift) & 0xff);
  }
  const values: number[] = [];
  for (let i = 0; i < size; i += 4) values.push(view.getFloat32(i, true));
  return values;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function byteAt(view: DataView, index: number): number {
  return index < view.byteLength ? view.getUint8(index) : 0;
}

// The value of a letter by its code: a search in the alphabet would cost too much for vectors of thousands.
function valueAt(letters: string, index: number): number {
  const code = letters.charCodeAt(index);
  if (code >= 97) return code - 71;
  if (code >= 65) return code - 65;
  if (code >= 48) return code + 4;
  if (code === 43) return 62;
  return code === 47 ? 63 : 0;
}
