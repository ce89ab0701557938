import { randomFillSync } from 'node:crypto';
import type { Random } from '../spec/ports.ts';

/** The system's chance. Bytes are drawn from the kernel in blocks, as one id costs more in the call than in the bytes. */
export function createRandom(): Random {
  const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    next: () => Math.random(),
    hex: (bytes) => {
      if (bytes > POOL_BYTES) return randomFillSync(Buffer.allocUnsafe(bytes)).toString('hex');
      if (used + bytes > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const text = pool.toString('hex', used, used + bytes);
      // What was handed out may have become a secret; it does not stay in memory.
      pool.fill(0, used, used + bytes);
      used += bytes;
      return text;
    },
  };
}

const POOL_BYTES = 4096;
