import { assert } from '../../base/assert.ts';
import type { Delivery, JobAnswer, JobProgress } from '../../spec/queue.ts';
import { queueCursorFromText, queueCursorToText } from '../queue-cursor.ts';
import type {
  JobHold,
  JobPage,
  JobQuery,
  LeasedJob,
  NewJob,
  QueueStore,
  StoredJob,
  UnfinishedJobs,
} from '../store.ts';
import { numberOf, numberOrNull, textOf, wholeMs } from './columns.ts';
import { assignDelivery, assignProgress, insertJob, JOB_COLUMNS, readAnswer, readJob } from './queue-row.ts';
import { allOf, sql, type SqlDatabase, type SqlQuery } from './sql.ts';

/**
 * The queue in a SQL database. Every change is one statement with its condition in it, so that two workers can never both
 * make it; what clients rely on waits for the disk.
 */
export class SqlQueueStore implements QueueStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  add(job: NewJob, waitingMax: number): Promise<boolean> {
    return this.#changes(insertJob(job, waitingMax));
  }

  async get(jobId: string): Promise<StoredJob | null> {
    const [row] = await this.#database.all(
      sql`SELECT ${JOB_COLUMNS}, ${ANSWER_COLUMNS} FROM queue_job WHERE job_id = ${jobId}`,
    );
    return row === undefined ? null : { job: readJob(row), answer: readAnswer(row) };
  }

  async list(query: JobQuery): Promise<JobPage> {
    const rows = await this.#database.all(selectPage(query));
    const last = rows[query.limit - 1];
    const more = rows.length > query.limit && last !== undefined;
    return {
      jobs: rows.slice(0, query.limit).map(readJob),
      nextCursor: more ? queueCursorToText(numberOf(last, 'sequence')) : null,
    };
  }

  async lease(nowMs: number, untilMs: number): Promise<LeasedJob | null> {
    const [row] = await this.#database.all(leaseOne(wholeMs(nowMs), wholeMs(untilMs)));
    return row === undefined ? null : { job: readJob(row), body: textOf(row, 'body') };
  }

  async renew(hold: JobHold, untilMs: number): Promise<boolean> {
    const changed = await this.#database.run(
      sql`UPDATE queue_job SET status = 'running', due_at_ms = NULL, lease_until_ms = ${wholeMs(untilMs)}
        WHERE ${heldBy(hold)} AND ${UNFINISHED}`,
    );
    return changed === 1;
  }

  settle(hold: JobHold, progress: JobProgress, answer: JobAnswer | null): Promise<boolean> {
    const withAnswer =
      answer === null
        ? sql``
        : sql`, answer_status = ${answer.status}, answer_type = ${answer.contentType}, answer_body = ${answer.body}`;
    return this.#changes(
      sql`UPDATE queue_job SET ${assignProgress(progress)} ${withAnswer}
        WHERE ${heldBy(hold)} AND ${UNFINISHED} RETURNING job_id`,
    );
  }

  async reclaim(leasedUntilMs: number, nowMs: number): Promise<number> {
    const last = timeOrLast(leasedUntilMs);
    const now = wholeMs(nowMs);
    const [jobs] = await Promise.all([
      this.#database.run(
        sql`UPDATE queue_job SET status = 'queued', due_at_ms = ${now}, lease_until_ms = NULL
          WHERE status = 'running' AND lease_until_ms <= ${last}`,
      ),
      this.#database.run(
        sql`UPDATE queue_job SET delivery = 'waiting', delivery_at_ms = ${now}
          WHERE delivery = 'sending' AND delivery_at_ms <= ${last}`,
      ),
    ]);
    return jobs;
  }

  async cancel(jobId: string): Promise<'cancelled' | 'running' | 'finished' | 'unknown'> {
    const cancelled = await this.#changes(
      sql`DELETE FROM queue_job WHERE job_id = ${jobId} AND status = 'queued' RETURNING job_id`,
    );
    if (cancelled) return 'cancelled';
    const found = await this.get(jobId);
    if (found === null) return 'unknown';
    const { status } = found.job.state;
    return status === 'answered' || status === 'dead' ? 'finished' : 'running';
  }

  async withdraw(jobId: string): Promise<void> {
    await this.#changes(sql`DELETE FROM queue_job WHERE job_id = ${jobId} RETURNING job_id`);
  }

  revive(hold: JobHold, progress: JobProgress): Promise<boolean> {
    return this.#changes(
      sql`UPDATE queue_job SET ${assignProgress(progress)}, fence = fence + 1
        WHERE ${heldBy(hold)} AND status = 'dead' RETURNING job_id`,
    );
  }

  async leaseDelivery(nowMs: number, untilMs: number): Promise<StoredJob | null> {
    const [row] = await this.#database.all(leaseOneDelivery(wholeMs(nowMs), wholeMs(untilMs)));
    return row === undefined ? null : { job: readJob(row), answer: readAnswer(row) };
  }

  settleDelivery(hold: JobHold, delivery: Delivery): Promise<boolean> {
    return this.#changes(
      sql`UPDATE queue_job SET ${assignDelivery(delivery)}
        WHERE ${heldBy(hold)} AND ${OWED} RETURNING job_id`,
    );
  }

  async nextDueMs(afterMs: number): Promise<number | null> {
    const after = wholeMs(afterMs);
    const [row] = await this.#database.all(sql`SELECT min(at_ms) AS at_ms FROM (
        SELECT min(due_at_ms) AS at_ms FROM queue_job WHERE status = 'queued' AND due_at_ms > ${after}
        UNION ALL
        SELECT min(delivery_at_ms) FROM queue_job WHERE ${OWED} AND delivery_at_ms > ${after}
      )`);
    return row === undefined ? null : numberOrNull(row, 'at_ms');
  }

  async unfinished(): Promise<UnfinishedJobs> {
    const rows = await this.#database.all(
      sql`SELECT status, count(*) AS jobs FROM queue_job WHERE ${UNFINISHED} GROUP BY status`,
    );
    const counts = new Map(rows.map((row) => [textOf(row, 'status'), numberOf(row, 'jobs')]));
    return { queued: counts.get('queued') ?? 0, running: counts.get('running') ?? 0 };
  }

  prune(finishedBeforeMs: number, batch: number): Promise<number> {
    return this.#database.run(sql`DELETE FROM queue_job WHERE sequence IN (
      SELECT sequence FROM queue_job
      WHERE finished_at_ms IS NOT NULL AND finished_at_ms < ${wholeMs(finishedBeforeMs)}
        AND (delivery IS NULL OR NOT ${OWED})
      LIMIT ${batch}
    )`);
  }

  // Whether a statement that gives the rows it changed changed one; the change is on the disk then.
  async #changes(query: SqlQuery): Promise<boolean> {
    const rows = await this.#database.durably(query);
    return rows.length === 1;
  }
}

const ANSWER_COLUMNS = sql`answer_status, answer_type, answer_body`;

// A lease that ran out holds as long as nobody took the next one: the fence tells.
const UNFINISHED = sql`status IN ('queued', 'running')`;
const OWED = sql`delivery IN ('waiting', 'sending')`;

function heldBy({ jobId, fence }: JobHold): SqlQuery {
  return sql`job_id = ${jobId} AND fence = ${fence}`;
}

// The owner of the file takes back all leases by naming a time that none outlasts.
function timeOrLast(ms: number): number {
  return Number.isFinite(ms) ? wholeMs(ms) : Number.MAX_SAFE_INTEGER;
}

function leaseOne(nowMs: number, untilMs: number): SqlQuery {
  return sql`UPDATE queue_job
    SET status = 'running', due_at_ms = NULL, lease_until_ms = ${untilMs}, attempts = attempts + 1, fence = fence + 1
    WHERE sequence = (
      SELECT job.sequence FROM queue_job AS job
      WHERE job.status = 'queued' AND job.due_at_ms <= ${nowMs}
        AND (job.order_key IS NULL OR job.expires_at_ms <= ${nowMs} OR NOT EXISTS (
          SELECT 1 FROM queue_job AS earlier
          WHERE earlier.key_id = job.key_id AND earlier.order_key = job.order_key
            AND earlier.order_key IS NOT NULL AND earlier.sequence < job.sequence
            AND earlier.status IN ('queued', 'running')
        ))
      ORDER BY job.due_at_ms, job.sequence LIMIT 1
    )
    RETURNING ${JOB_COLUMNS}, body`;
}

// Until the time is over nobody else tries; a try that died with its process is made again then.
function leaseOneDelivery(nowMs: number, untilMs: number): SqlQuery {
  return sql`UPDATE queue_job
    SET delivery = 'sending', delivery_at_ms = ${untilMs}, delivery_attempts = delivery_attempts + 1, fence = fence + 1
    WHERE sequence = (
      SELECT sequence FROM queue_job WHERE ${OWED} AND delivery_at_ms <= ${nowMs}
      ORDER BY delivery_at_ms, sequence LIMIT 1
    )
    RETURNING ${JOB_COLUMNS}, ${ANSWER_COLUMNS}`;
}

// One row more than asked for tells whether there is a next page.
function selectPage({ keyId, status, cursor, limit }: JobQuery): SqlQuery {
  assert(limit >= 1, 'a page has at least one row');
  const wanted: SqlQuery[] = [];
  if (keyId !== null) wanted.push(sql`key_id = ${keyId}`);
  if (status !== null) wanted.push(sql`status = ${status}`);
  if (cursor !== null) wanted.push(sql`sequence < ${queueCursorFromText(cursor)}`);
  return sql`SELECT ${JOB_COLUMNS} FROM queue_job WHERE ${allOf(wanted)} ORDER BY sequence DESC LIMIT ${limit + 1}`;
}
