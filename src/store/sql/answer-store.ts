import { brandText } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { AnswerStore, FinishedAnswer, KeptAnswer } from '../store.ts';
import { flagOf, numberOf, numberOrNull, textOf, textsOf, wholeMs } from './columns.ts';
import { sql, type SqlBatch, type SqlDatabase, type SqlRow, type SqlValue } from './sql.ts';

/** Kept answers in a SQL database. */
export function sqlAnswerStore(database: SqlDatabase): AnswerStore {
  return {
    put: (answers) => database.batch(insertAnswers(answers)),
    get: async (id) => {
      const [row] = await database.all(sql`SELECT * FROM answer WHERE id = ${id}`);
      return row === undefined ? null : readAnswer(row);
    },
    prune: async ({ expiredBeforeMs, forgottenBeforeMs, entriesMax }) => {
      await database.run(sql`DELETE FROM answer WHERE expires_at_ms <= ${wholeMs(forgottenBeforeMs)}`);
      await database.run(sql`UPDATE answer SET status = NULL, headers = '[]', body = '', trailers = '[]'
        WHERE expires_at_ms <= ${wholeMs(expiredBeforeMs)} AND status IS NOT NULL`);
      await database.run(sql`DELETE FROM answer WHERE id IN (
        SELECT id FROM answer ORDER BY created_at_ms DESC, id LIMIT -1 OFFSET ${entriesMax}
      )`);
    },
  };
}

const COLUMNS = 11;
const INSERT = [
  `INSERT INTO answer (
    id, key_id, fingerprint, created_at_ms, expires_at_ms, status, stream, whole, headers, body, trailers
  ) VALUES (`,
  ...Array.from({ length: COLUMNS - 1 }, () => ', '),
  `) ON CONFLICT (id) DO UPDATE SET
    key_id = excluded.key_id, fingerprint = excluded.fingerprint, created_at_ms = excluded.created_at_ms,
    expires_at_ms = excluded.expires_at_ms, status = excluded.status, stream = excluded.stream,
    whole = excluded.whole, headers = excluded.headers, body = excluded.body, trailers = excluded.trailers`,
];

function insertAnswers(answers: readonly KeptAnswer[]): SqlBatch {
  return { strings: INSERT, width: COLUMNS, values: answers.flatMap(valuesOf) };
}

function valuesOf({ id, keyId, fingerprint, answer, createdAtMs, expiresAtMs }: KeptAnswer): SqlValue[] {
  const { headers, stream, body, trailers, whole } = answer ?? NOTHING;
  return [
    id,
    keyId,
    fingerprint,
    wholeMs(createdAtMs),
    wholeMs(expiresAtMs),
    answer?.status ?? null,
    stream ? 1 : 0,
    whole ? 1 : 0,
    JSON.stringify(headers),
    body,
    JSON.stringify(trailers),
  ];
}

const NOTHING = { headers: [], stream: false, body: '', trailers: [], whole: false } as const;

function readAnswer(row: SqlRow): KeptAnswer {
  return {
    id: textOf(row, 'id'),
    keyId: textOf(row, 'key_id'),
    fingerprint: textOf(row, 'fingerprint'),
    answer: contentsOf(row),
    createdAtMs: numberOf(row, 'created_at_ms'),
    expiresAtMs: numberOf(row, 'expires_at_ms'),
  };
}

function contentsOf(row: SqlRow): FinishedAnswer | null {
  const status = numberOrNull(row, 'status');
  if (status === null) return null;
  return {
    status,
    headers: textsOf(row, 'headers'),
    stream: flagOf(row, 'stream'),
    body: brandText<Bytes>(textOf(row, 'body')),
    trailers: textsOf(row, 'trailers'),
    whole: flagOf(row, 'whole'),
  };
}
