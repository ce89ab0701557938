import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { arrayToBytes, bytesToArray } from '../base/bytes.ts';
import type { Crypto } from '../spec/ports.ts';

/** The port's cryptography from node:crypto. */
export function createCrypto(): Crypto {
  return {
    sha256: (text) => hash('sha256', text, 'hex'),
    hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
    hmacBytes: (key, message) =>
      arrayToBytes(createHmac('sha256', bytesToArray(key)).update(bytesToArray(message)).digest()),
    // Digests have one length, so the comparison itself tells nothing about where or whether the texts differ.
    equal: (a, b) => timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer')),
  };
}
