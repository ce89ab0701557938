import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64ToBytes, bytesToBase64 } from './base64.ts';
import { brandText } from './brand.ts';
import type { Bytes } from './bytes.ts';

const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((array) => brandText<Bytes>(String.fromCharCode(...array)));

describe('base64', () => {
  it('is written as Node writes it, and read back in either alphabet, padded or not', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const buffer = Buffer.from(value, 'latin1');
        expect(bytesToBase64(value)).toBe(buffer.toString('base64'));
        expect(base64ToBytes(buffer.toString('base64'))).toBe(value);
        expect(base64ToBytes(buffer.toString('base64url'))).toBe(value);
      }),
      { seed: 64 },
    );
  });

  it.each(['a b', 'a.b', 'ä', 'ab=c'])('is not %j', (text) => {
    expect(base64ToBytes(text)).toBeNull();
  });
});
