import { StoreError, type StoreErrorKind } from '../store-error.ts';

/** Makes a failure of SQLite into a store's error: what happened, to which file, and what to do. */
export function sqliteError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const extended = codeOf(error);
  const told = error instanceof Error ? error.message : String(error);
  if (extended === null) return new StoreError('rejected', `A value cannot be stored: ${told}.`, error);
  if (UNIQUE_CODES.has(extended))
    return new StoreError('conflict', 'The same thing is stored already.', error);
  const known = KNOWN.get(extended & 0xff);
  if (known === undefined) {
    return new StoreError('unavailable', `The database ${path} failed: ${told}.`, error);
  }
  return new StoreError(known.kind, known.message(path, told), error);
}

// Extended result codes SQLITE_CONSTRAINT_PRIMARYKEY and _UNIQUE; the others below are primary codes
// (https://www.sqlite.org/rescode.html).
const UNIQUE_CODES: ReadonlySet<number> = new Set([1555, 2067]);

interface Known {
  readonly kind: StoreErrorKind;
  readonly message: (path: string, told: string) => string;
}

const busy: Known = {
  kind: 'unavailable',
  message: (path) => `The database ${path} is busy: another program holds it in a write transaction.`,
};
const damaged: Known = {
  kind: 'damaged',
  message: (path, told) =>
    `The database ${path} is damaged or no SQLite database (${told}). Restore it from a backup, or move the file ` +
    'away to start with an empty one; virtual keys made before are then unknown.',
};
const unopened: Known = {
  kind: 'unavailable',
  message: (path, told) =>
    `The database ${path} cannot be opened (${told}). Check that its folder exists and that this user may write there.`,
};
const readOnly: Known = {
  kind: 'read-only',
  message: (path) =>
    `The database ${path} cannot be written. Give this user write permission on the file and its folder, or choose ` +
    'another folder with --data DIR or BELLWETHER_DATA.',
};
const rejected: Known = { kind: 'rejected', message: (_, told) => `A value cannot be stored: ${told}.` };

const KNOWN: ReadonlyMap<number, Known> = new Map([
  [3, unopened],
  [5, busy],
  [6, busy],
  [8, readOnly],
  [
    10,
    {
      kind: 'unavailable',
      message: (path, told) => `Reading or writing the database ${path} failed (${told}). Check the disk.`,
    },
  ],
  [11, damaged],
  [
    13,
    {
      kind: 'unavailable',
      message: (path) =>
        `The disk that holds the database ${path} is full. Make room; writing goes on by itself.`,
    },
  ],
  [14, unopened],
  [18, rejected],
  [19, rejected],
  [20, rejected],
  [26, damaged],
]);

function codeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}
