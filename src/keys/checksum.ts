/** Digits of base 62 in the order of their values. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Length of a checksum: 62^6 is the first power of 62 above 2^32. */
export const CHECKSUM_LENGTH = 6;

/** CRC-32 (IEEE 802.3, reflected) of an ASCII text in base 62, padded to a fixed length. It finds typos; it protects nothing. */
export function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i += 1) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

const POLYNOMIAL = 0xedb88320;
const TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => tableEntry(byte));

function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function tableEntry(byte: number): number {
  let entry = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    entry = (entry & 1) === 1 ? (entry >>> 1) ^ POLYNOMIAL : entry >>> 1;
  }
  return entry >>> 0;
}
