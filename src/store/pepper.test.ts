import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryStores } from './memory/memory-stores.ts';
import { openPepper } from './pepper.ts';
import { testCrypto as crypto, testRandom as random } from './testing/crypto.ts';
import { temporaryFolders } from './testing/temporary-folder.ts';

const newFolder = temporaryFolders();

describe('openPepper', () => {
  it('makes 32 random bytes for the owner alone, and finds them again', async () => {
    const path = join(newFolder(), 'bellwether.pepper');
    const { settings } = memoryStores();
    const pepper = await openPepper({ path, settings, random, crypto });
    expect(pepper).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await openPepper({ path, settings, random, crypto })).toBe(pepper);
  });

  it('says that the file is missing instead of refusing every key later', async () => {
    const path = join(newFolder(), 'bellwether.pepper');
    const { settings } = memoryStores();
    await openPepper({ path, settings, random, crypto });
    rmSync(path);
    await expect(openPepper({ path, settings, random, crypto })).rejects.toThrow(/missing/);
  });

  it.each([
    ['another one', 'ab'.repeat(32), /does not belong to this database/],
    ['no pepper', 'hello', /64 hexadecimal digits/],
    ['nothing', '', /64 hexadecimal digits/],
  ])('says that the file holds %s', async (_, content, message) => {
    const path = join(newFolder(), 'bellwether.pepper');
    const { settings } = memoryStores();
    await openPepper({ path, settings, random, crypto });
    writeFileSync(path, content);
    await expect(openPepper({ path, settings, random, crypto })).rejects.toThrow(message);
  });
});
