import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Reads a text file of bounded size; null where there is none. A byte order mark is dropped. */
export async function readTextFile(path: string, sizeBytesMax: number): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > sizeBytesMax) {
      throw new Error(`The file ${path} has ${size} bytes; at most ${sizeBytesMax} are read.`);
    }
    const text = await readFile(path, 'utf8');
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/**
 * Writes a file so that a reader, or a machine that loses power, sees the old text or the new one and never a part: a
 * new file beside it is written, flushed to disk and renamed. Missing folders are made. Only the owner may read it
 * unless another mode is given.
 */
export async function writeFileAtomic(path: string, text: string, mode = 0o600): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/** The new name itself must reach the disk. Windows cannot open folders and needs no flush of them. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
