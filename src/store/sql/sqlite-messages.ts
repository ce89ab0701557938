import type { StoreErrorKind } from '../store-error.ts';
import type { PackedValues } from './packed-values.ts';
import type { SqlRow, SqlValue } from './sql.ts';

/** What the thread of the database is told at its start. */
export interface ThreadStart {
  readonly path: string;
  /** Wall clock, for the note of when the schema was brought up to date. */
  readonly nowMs: number;
}

/** What the thread is asked. Statements travel as text. */
export type ThreadRequest = { readonly id: number } & (
  | { readonly type: 'all' | 'run' | 'durably'; readonly text: string; readonly values: readonly SqlValue[] }
  | {
      readonly type: 'batch';
      readonly text: string;
      readonly width: number;
      readonly values: PackedValues;
    }
  | { readonly type: 'close' }
);

/** What the thread answers; the answer to its start has the id 0. */
export type ThreadReply = { readonly id: number } & (
  | { readonly type: 'done'; readonly value: ThreadValue }
  | { readonly type: 'failed'; readonly kind: StoreErrorKind; readonly message: string }
);

/** Rows of `all` and `durably`, the count of `run`, nothing of the rest. */
export type ThreadValue =
  | { readonly type: 'rows'; readonly rows: readonly SqlRow[] }
  | { readonly type: 'count'; readonly count: number }
  | { readonly type: 'nothing' };
