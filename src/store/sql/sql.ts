/** A value that every SQL database can bind. */
export type SqlValue = null | number | bigint | string;

/**
 * A statement with its values apart from its text, as two interleaved lists. There is no way to make one from plain text
 * with values already in it, so nothing that a user sends can become SQL.
 */
export interface SqlQuery {
  readonly strings: readonly string[];
  readonly values: readonly SqlValue[];
}

/** One statement that is run for many rows: as few objects as possible, because they may have to cross threads. */
export interface SqlBatch {
  readonly strings: readonly string[];
  /** How many values each row has. */
  readonly width: number;
  /** The values of all rows, one row after the other. */
  readonly values: readonly SqlValue[];
}

/** One row as the database gives it. */
export type SqlRow = { readonly [column: string]: SqlValue | Uint8Array };

/** What a dialect offers to the stores: a connection that knows one SQL database. */
export interface SqlDatabase {
  all(query: SqlQuery): Promise<readonly SqlRow[]>;
  /** Runs a statement that changes something; how many rows it changed. */
  run(query: SqlQuery): Promise<number>;
  /**
   * Runs a statement that changes something and gives its rows; what it changed is on the disk when this resolves, so that
   * not even a power cut takes it away. It costs a wait for the disk.
   */
  durably(query: SqlQuery): Promise<readonly SqlRow[]>;
  /** Runs a statement for all rows in one transaction, or for none. */
  batch(batch: SqlBatch): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes a statement: `` sql`SELECT * FROM t WHERE id = ${id}` ``. A value that is itself a statement is woven in. Without
 * woven parts the list of strings is the one that the language keeps per place in the source, so a dialect can find its
 * prepared statement again by identity.
 */
export function sql(
  strings: TemplateStringsArray,
  ...parts: readonly (SqlValue | boolean | SqlQuery)[]
): SqlQuery {
  if (!parts.some(isQuery)) return { strings, values: parts.map(plainValue) };
  const woven: string[] = [strings[0] ?? ''];
  const values: SqlValue[] = [];
  parts.forEach((part, index) => {
    const after = strings[index + 1] ?? '';
    if (isQuery(part)) {
      weave(woven, part);
      woven[woven.length - 1] += after;
      values.push(...part.values);
    } else {
      woven.push(after);
      values.push(plainValue(part));
    }
  });
  return { strings: woven, values };
}

/** All conditions joined by AND; true where there is none. */
export function allOf(conditions: readonly SqlQuery[]): SqlQuery {
  const [first, ...rest] = conditions;
  if (first === undefined) return sql`1 = 1`;
  return rest.reduce((joined, condition) => sql`${joined} AND ${condition}`, first);
}

/** All assignments joined by commas, for SET. */
export function listOf(first: SqlQuery, ...rest: readonly SqlQuery[]): SqlQuery {
  return rest.reduce((joined, item) => sql`${joined}, ${item}`, first);
}

function weave(woven: string[], part: SqlQuery): void {
  woven[woven.length - 1] += part.strings[0] ?? '';
  woven.push(...part.strings.slice(1));
}

function isQuery(part: SqlValue | boolean | SqlQuery): part is SqlQuery {
  return typeof part === 'object' && part !== null;
}

// Databases without a boolean type, and STRICT tables, want 0 and 1.
function plainValue(part: SqlValue | boolean | SqlQuery): SqlValue {
  if (typeof part === 'boolean') return part ? 1 : 0;
  return isQuery(part) ? null : part;
}
