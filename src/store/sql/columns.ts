import { asArray, asString, parseJsonOr, type Json } from '../../base/json.ts';
import { StoreError } from '../store-error.ts';
import type { SqlRow } from './sql.ts';

/** Text of a column that is never NULL. */
export function textOf(row: SqlRow, column: string): string {
  return textOrNull(row, column) ?? wrong(column, 'NULL');
}

/** Text of a column. */
export function textOrNull(row: SqlRow, column: string): string | null {
  const value = row[column];
  if (value === null || typeof value === 'string') return value;
  return wrong(column, typeof value);
}

/** Number of a column that is never NULL. */
export function numberOf(row: SqlRow, column: string): number {
  return numberOrNull(row, column) ?? wrong(column, 'NULL');
}

/** Number of a column. */
export function numberOrNull(row: SqlRow, column: string): number | null {
  const value = row[column];
  if (value === null || typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : wrong(column, typeof value);
}

/** A 64-bit integer of a column. */
export function bigintOrNull(row: SqlRow, column: string): bigint | null {
  const value = row[column];
  return value === null || typeof value === 'bigint' ? value : wrong(column, typeof value);
}

/** Whether a column of 0 and 1 is 1. */
export function flagOf(row: SqlRow, column: string): boolean {
  return numberOf(row, column) === 1;
}

/** Parsed JSON of a text column; null where it is NULL. */
export function jsonOf(row: SqlRow, column: string): Json {
  const text = textOrNull(row, column);
  return text === null ? null : parseJsonOr(text, null);
}

/** A list of texts that is kept as a JSON array. */
export function textsOf(row: SqlRow, column: string): readonly string[] {
  return textsIn(jsonOf(row, column));
}

/** The texts of a JSON array. */
export function textsIn(json: Json | undefined): readonly string[] {
  return asArray(json).flatMap((item) => asString(item) ?? []);
}

/** Milliseconds, as the integer that the column wants. */
export function wholeMs(ms: number): number {
  return Math.round(ms);
}

function wrong(column: string, found: string): never {
  throw new StoreError(
    'damaged',
    `The column ${column} holds ${found}, which this version never writes there. Restore the database from a backup.`,
  );
}
