import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Crypto, Random } from '../../spec/ports.ts';

/** Real digests for tests. */
export const testCrypto: Crypto = {
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  equal: (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b)),
};

/** Real chance for keys; tests never depend on its values. */
export const testRandom: Random = {
  next: () => 0.5,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
