import { randomBytes } from 'node:crypto';
import { createCrypto } from '../../node/crypto.ts';
import type { Crypto, Random } from '../../spec/ports.ts';

/** Real digests for tests. */
export const testCrypto: Crypto = createCrypto();

/** Real chance for keys; tests never depend on its values. */
export const testRandom: Random = {
  next: () => 0.5,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
