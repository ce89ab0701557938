import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTextFile, writeFileAtomic } from './files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bellwether-files-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('readTextFile', () => {
  it('reads a text without its byte order mark', async () => {
    await writeFile(join(folder, 'a'), '\ufeffprovider: é\n');
    expect(await readTextFile(join(folder, 'a'), 1000)).toBe('provider: é\n');
  });

  it('gives null where there is no file', async () => {
    expect(await readTextFile(join(folder, 'missing'), 1000)).toBeNull();
  });

  it('refuses a file that is too large, naming it', async () => {
    await writeFile(join(folder, 'a'), 'x'.repeat(1001));
    await expect(readTextFile(join(folder, 'a'), 1000)).rejects.toThrow(/1001 bytes; at most 1000/);
  });

  it('tells of every other fault', async () => {
    await expect(readTextFile(folder, 1_000_000)).rejects.toThrow(/EISDIR/);
  });
});

describe('writeFileAtomic', () => {
  it('writes a new file that only the owner may read, making its folders', async () => {
    const path = join(folder, 'a', 'b', 'key');
    await writeFileAtomic(path, 'secret');
    expect(await readFile(path, 'utf8')).toBe('secret');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('replaces a file and leaves nothing beside it', async () => {
    const path = join(folder, 'a');
    await writeFileAtomic(path, 'old', 0o644);
    await Promise.all(['x', 'y', 'z'].map((text) => writeFileAtomic(path, text.repeat(100_000), 0o644)));
    expect(await readFile(path, 'utf8')).toMatch(/^(?:x{100000}|y{100000}|z{100000})$/);
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('leaves nothing behind when it fails', async () => {
    const path = join(folder, 'taken');
    await writeFileAtomic(join(path, 'inside'), 'x');
    await expect(writeFileAtomic(path, 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(await readdir(folder)).toEqual(['taken']);
  });
});
