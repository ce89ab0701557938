import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store-error.ts';

/** A lock that was taken; the operating system takes it back when the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

/**
 * Makes this process the only owner of a database file. The lock is a tiny database beside it, `<file>-owner`, with an open
 * write transaction: such locks need no native code, work on every platform, and die with the process. The transaction
 * leaves the file readable, so a second process can tell who the owner is; backup tools may still read the database.
 */
export function lockFile(path: string): FileLock {
  const lock = new DatabaseSync(`${path}-owner`, { timeout: 0 });
  try {
    lock.exec('BEGIN IMMEDIATE');
    lock.exec('CREATE TABLE IF NOT EXISTS owner (process_id INTEGER NOT NULL); DELETE FROM owner');
    lock.prepare('INSERT INTO owner VALUES (?)').run(process.pid);
    lock.exec('COMMIT; BEGIN IMMEDIATE');
  } catch (error) {
    const owner = readOwner(lock);
    lock.close();
    throw isBusy(error) ? inUse(path, owner) : error;
  }
  return { release: () => lock.close() };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function inUse(path: string, owner: number | null): StoreError {
  const who = owner === null ? 'another process' : `another process (process id ${owner})`;
  return new StoreError(
    'locked',
    `The database ${path} is in use by ${who}. Stop that process first, or give this one a folder of its own ` +
      'with --data DIR or BELLWETHER_DATA.',
  );
}

function readOwner(lock: DatabaseSync): number | null {
  try {
    const value = lock.prepare('SELECT process_id FROM owner').get()?.['process_id'];
    return typeof value === 'number' ? value : null;
  } catch {
    return null; // The owner is just writing its name.
  }
}
