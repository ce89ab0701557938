import { StoreError } from './store-error.ts';

/** A place in the log: after this row in the order "newest start first, then latest written first". */
export interface RequestLogCursor {
  readonly startedAtMs: number;
  readonly sequence: number;
}

/** Writes a cursor as a short text without meaning for the reader. */
export function cursorToText({ startedAtMs, sequence }: RequestLogCursor): string {
  return `${startedAtMs.toString(36)}-${sequence.toString(36)}`;
}

/** Reads a cursor that a client sent back. */
export function cursorFromText(text: string): RequestLogCursor {
  const parts = /^([0-9a-z]{1,11})-([0-9a-z]{1,11})$/.exec(text);
  if (parts === null) {
    throw new StoreError(
      'bad-cursor',
      'The cursor is not one that this gateway gave out. Leave it away to start anew.',
    );
  }
  return {
    startedAtMs: Number.parseInt(parts[1] ?? '', 36),
    sequence: Number.parseInt(parts[2] ?? '', 36),
  };
}
