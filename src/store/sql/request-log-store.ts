import { assert, unreachable } from '../../base/assert.ts';
import { cursorFromText, cursorToText } from '../request-log-cursor.ts';
import type { RequestLogFilters, RequestLogQuery, RequestLogStore, RequestOutcome } from '../store.ts';
import { numberOf, wholeMs } from './columns.ts';
import { insertRequests, readRequest, SEQUENCES_PER_MS } from './request-log-row.ts';
import { allOf, sql, type SqlDatabase, type SqlQuery } from './sql.ts';

/** The log of requests in a SQL database. */
export function sqlRequestLogStore(database: SqlDatabase): RequestLogStore {
  return {
    append: (rows) => database.batch(insertRequests(rows)),
    list: async (query) => {
      const rows = await database.all(selectPage(query));
      const last = rows[query.limit - 1];
      return {
        rows: rows.slice(0, query.limit).map(readRequest),
        nextCursor:
          rows.length > query.limit && last !== undefined
            ? cursorToText({
                startedAtMs: numberOf(last, 'started_at_ms'),
                sequence: numberOf(last, 'place'),
              })
            : null,
      };
    },
    get: async (requestId) => {
      const [row] = await database.all(sql`SELECT * FROM request_log WHERE request_id = ${requestId}`);
      return row === undefined ? null : readRequest(row);
    },
    prune: (startedBeforeMs, batch) =>
      database.run(sql`DELETE FROM request_log WHERE sequence IN (
        SELECT sequence FROM request_log WHERE sequence < ${wholeMs(startedBeforeMs)} * ${SEQUENCES_PER_MS}
        ORDER BY sequence LIMIT ${batch}
      )`),
  };
}

// One row more than asked for tells whether there is a next page.
function selectPage({ filters, cursor, limit }: RequestLogQuery): SqlQuery {
  assert(limit >= 1, 'a page has at least one row');
  const wanted = conditions(filters);
  if (cursor !== null) {
    const { startedAtMs, sequence } = cursorFromText(cursor);
    wanted.push(sql`sequence < ${startedAtMs} * ${SEQUENCES_PER_MS} + ${sequence}`);
  }
  return sql`SELECT *, sequence % ${SEQUENCES_PER_MS} AS place FROM request_log WHERE ${allOf(wanted)}
    ORDER BY sequence DESC LIMIT ${limit + 1}`;
}

function conditions(filters: RequestLogFilters): SqlQuery[] {
  const { fromMs, toMs, keyId, model, target, status, outcome } = filters;
  const result: SqlQuery[] = [];
  if (fromMs !== undefined) result.push(sql`sequence >= ${Math.ceil(fromMs)} * ${SEQUENCES_PER_MS}`);
  if (toMs !== undefined) result.push(sql`sequence < ${Math.ceil(toMs)} * ${SEQUENCES_PER_MS}`);
  if (keyId !== undefined) result.push(sql`key_id = ${keyId}`);
  if (model !== undefined) result.push(sql`model = ${model}`);
  if (target !== undefined) result.push(sql`target = ${target}`);
  if (status !== undefined) result.push(statusCondition(status));
  if (outcome !== undefined) result.push(outcomeCondition(outcome));
  return result;
}

// The second condition is implied by the first; it lets the planner use the index of failures.
function statusCondition(status: number): SqlQuery {
  return status >= 400 ? sql`status = ${status} AND status >= 400` : sql`status = ${status}`;
}

function outcomeCondition(outcome: RequestOutcome): SqlQuery {
  switch (outcome) {
    case 'failed':
      return sql`status >= 400`;
    case 'recovered':
      return sql`status < 400 AND attempt_count > 1`;
    case 'resumed':
      // Texts of others stand in the JSON with their quotes escaped, so that none of them looks like this. The first two
      // conditions are those of an index.
      return sql`status < 400 AND attempt_count > 1 AND detail LIKE ${'%"purpose":"resume"%'}`;
    default:
      return unreachable(outcome);
  }
}
