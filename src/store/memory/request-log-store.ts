import { assert } from '../../base/assert.ts';
import { cursorFromText, cursorToText } from '../request-log-cursor.ts';
import type {
  RequestLogFilters,
  RequestLogPage,
  RequestLogQuery,
  RequestLogRow,
  RequestLogStore,
  RequestOutcome,
} from '../store.ts';

interface Entry {
  readonly sequence: number;
  readonly row: RequestLogRow;
}

/** The log of requests in memory: the latest rows, as many as it may hold. */
export class MemoryRequestLogStore implements RequestLogStore {
  readonly #rowsMax: number;
  // In the order of writing; a Map keeps it and finds by id.
  readonly #entries = new Map<string, Entry>();
  #sequence = 0;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  async append(rows: readonly RequestLogRow[]): Promise<void> {
    for (const row of rows) {
      if (this.#entries.has(row.requestId)) continue;
      this.#sequence += 1;
      this.#entries.set(row.requestId, { sequence: this.#sequence, row });
    }
    this.#dropOldest(this.#entries.size - this.#rowsMax);
  }

  async list({ filters, cursor, limit }: RequestLogQuery): Promise<RequestLogPage> {
    assert(limit >= 1, 'a page has at least one row');
    const after = cursor === null ? null : cursorFromText(cursor);
    const found = [...this.#entries.values()]
      .filter((entry) => matches(entry.row, filters))
      .toSorted(newestFirst);
    const start =
      after === null
        ? 0
        : found.findIndex(
            ({ row, sequence }) =>
              row.startedAtMs < after.startedAtMs ||
              (row.startedAtMs === after.startedAtMs && sequence < after.sequence),
          );
    if (start < 0) return { rows: [], nextCursor: null };
    const page = found.slice(start, start + limit);
    const last = page.at(-1);
    const more = found.length > start + limit && last !== undefined;
    return {
      rows: page.map((entry) => entry.row),
      nextCursor: more ? cursorToText({ startedAtMs: last.row.startedAtMs, sequence: last.sequence }) : null,
    };
  }

  async get(requestId: string): Promise<RequestLogRow | null> {
    return this.#entries.get(requestId)?.row ?? null;
  }

  async prune(startedBeforeMs: number, batch: number): Promise<number> {
    const old = [...this.#entries.values()]
      .filter(({ row }) => row.startedAtMs < startedBeforeMs)
      .toSorted((a, b) => newestFirst(b, a))
      .slice(0, batch);
    for (const { row } of old) this.#entries.delete(row.requestId);
    return old.length;
  }

  #dropOldest(count: number): void {
    let left = count;
    for (const requestId of this.#entries.keys()) {
      if (left <= 0) return;
      this.#entries.delete(requestId);
      left -= 1;
    }
  }
}

function newestFirst(a: Entry, b: Entry): number {
  return b.row.startedAtMs - a.row.startedAtMs || b.sequence - a.sequence;
}

type FilterTests = {
  readonly [name in keyof RequestLogFilters]-?: (
    row: RequestLogRow,
    wanted: NonNullable<RequestLogFilters[name]>,
  ) => boolean;
};

const TESTS: FilterTests = {
  fromMs: (row, wanted) => row.startedAtMs >= wanted,
  toMs: (row, wanted) => row.startedAtMs < wanted,
  keyId: (row, wanted) => row.keyId === wanted,
  model: (row, wanted) => row.model === wanted,
  target: (row, wanted) => row.target === wanted,
  status: (row, wanted) => row.status === wanted,
  outcome: (row, wanted) => OUTCOMES[wanted](row),
};

const OUTCOMES: Record<RequestOutcome, (row: RequestLogRow) => boolean> = {
  failed: (row) => row.status >= 400,
  recovered: (row) => row.status < 400 && row.attempts.length > 1,
  resumed: (row) => row.status < 400 && row.attempts.some(({ purpose }) => purpose === 'resume'),
};

function matches(row: RequestLogRow, filters: RequestLogFilters): boolean {
  return (
    holds(row, TESTS.fromMs, filters.fromMs) &&
    holds(row, TESTS.toMs, filters.toMs) &&
    holds(row, TESTS.keyId, filters.keyId) &&
    holds(row, TESTS.model, filters.model) &&
    holds(row, TESTS.target, filters.target) &&
    holds(row, TESTS.status, filters.status) &&
    holds(row, TESTS.outcome, filters.outcome)
  );
}

function holds<Value>(
  row: RequestLogRow,
  test: (row: RequestLogRow, wanted: Value) => boolean,
  wanted: Value | undefined,
): boolean {
  return wanted === undefined || test(row, wanted);
}
