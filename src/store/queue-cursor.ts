import { StoreError } from './store-error.ts';

/** Writes a place in the list of jobs: after the one with this number, newest first. */
export function queueCursorToText(sequence: number): string {
  return sequence.toString(36);
}

/** Reads a cursor that a client sent back. */
export function queueCursorFromText(text: string): number {
  if (/^[0-9a-z]{1,10}$/.test(text)) return Number.parseInt(text, 36);
  throw new StoreError(
    'bad-cursor',
    'The cursor is not one that this gateway gave out. Leave it away to start anew.',
  );
}
