import { asArray, asString, isObject } from '../../base/json.ts';
import {
  DEAD_CODES,
  JOB_STATUSES,
  QUEUE_APIS,
  type Delivery,
  type Job,
  type JobAnswer,
  type JobProgress,
  type JobState,
} from '../../spec/queue.ts';
import type { Headers } from '../../spec/wire.ts';
import { StoreError } from '../store-error.ts';
import type { NewJob } from '../store.ts';
import { jsonOf, numberOf, numberOrNull, textOf, textOrNull, wholeMs } from './columns.ts';
import { sql, type SqlQuery, type SqlRow } from './sql.ts';

/** The columns of a job without its contents. */
export const JOB_COLUMNS = sql`sequence, job_id, key_id, api, model, order_key, webhook_url, metadata, headers,
  created_at_ms, ttl_ms, status, due_at_ms, lease_until_ms, finished_at_ms, dead_code, dead_message, attempts, expires_at_ms, error_status,
  error_message, fence, delivery, delivery_attempts, delivery_at_ms, delivery_message`;

/** Adds a job, but for a queue that is full; gives a row where it was added. */
export function insertJob(job: NewJob, waitingMax: number): SqlQuery {
  const createdAtMs = wholeMs(job.createdAtMs);
  return sql`INSERT INTO queue_job (
      job_id, key_id, api, model, order_key, webhook_url, metadata, headers, created_at_ms, ttl_ms, body, status,
      due_at_ms, attempts, expires_at_ms, fence
    ) SELECT
      ${job.jobId}, ${job.keyId}, ${job.api}, ${job.model}, ${job.orderKey}, ${job.webhookUrl},
      ${JSON.stringify(job.metadata)}, ${JSON.stringify(job.headers)}, ${createdAtMs}, ${wholeMs(job.ttlMs)}, ${job.body}, 'queued', ${createdAtMs},
      0, ${createdAtMs + wholeMs(job.ttlMs)}, 0
    WHERE (SELECT count(*) FROM queue_job WHERE status IN ('queued', 'running')) < ${waitingMax}
    RETURNING job_id`;
}

/** The columns that a progress sets. */
export function assignProgress(progress: JobProgress): SqlQuery {
  const { state, attempts, expiresAtMs, lastError, delivery } = progress;
  const reason = state.status === 'dead' ? state.reason : null;
  const finished = state.status === 'answered' || state.status === 'dead';
  return sql`status = ${state.status},
    due_at_ms = ${state.status === 'queued' ? wholeMs(state.dueAtMs) : null},
    lease_until_ms = ${state.status === 'running' ? wholeMs(state.leaseUntilMs) : null},
    finished_at_ms = ${finished ? wholeMs(state.finishedAtMs) : null},
    dead_code = ${reason === null ? null : reason.code},
    dead_message = ${reason === null ? null : reason.message},
    attempts = ${attempts},
    expires_at_ms = ${wholeMs(expiresAtMs)},
    error_status = ${lastError === null ? null : lastError.status},
    error_message = ${lastError === null ? null : lastError.message},
    ${assignDelivery(delivery)}`;
}

/** The columns that a delivery sets. */
export function assignDelivery(delivery: Delivery | null): SqlQuery {
  if (delivery === null) {
    return sql`delivery = NULL, delivery_attempts = NULL, delivery_at_ms = NULL, delivery_message = NULL`;
  }
  const atMs = deliveryTimeOf(delivery);
  const message = delivery.status === 'undelivered' ? delivery.message : null;
  return sql`delivery = ${delivery.status}, delivery_attempts = ${delivery.attempts},
    delivery_at_ms = ${wholeMs(atMs)}, delivery_message = ${message}`;
}

function deliveryTimeOf(delivery: Delivery): number {
  switch (delivery.status) {
    case 'waiting':
      return delivery.dueAtMs;
    case 'sending':
      return delivery.leaseUntilMs;
    case 'delivered':
    case 'undelivered':
      return delivery.atMs;
  }
}

/** Reads a job. */
export function readJob(row: SqlRow): Job {
  const metadata = jsonOf(row, 'metadata');
  const errorStatus = numberOrNull(row, 'error_status');
  return {
    jobId: textOf(row, 'job_id'),
    keyId: textOf(row, 'key_id'),
    api: oneOf(QUEUE_APIS, textOf(row, 'api')),
    model: textOf(row, 'model'),
    orderKey: textOrNull(row, 'order_key'),
    webhookUrl: textOrNull(row, 'webhook_url'),
    metadata: isObject(metadata) ? metadata : {},
    headers: readHeaders(row),
    createdAtMs: numberOf(row, 'created_at_ms'),
    ttlMs: numberOf(row, 'ttl_ms'),
    state: readState(row),
    attempts: numberOf(row, 'attempts'),
    expiresAtMs: numberOf(row, 'expires_at_ms'),
    lastError: errorStatus === null ? null : { status: errorStatus, message: textOf(row, 'error_message') },
    delivery: readDelivery(row),
    fence: numberOf(row, 'fence'),
  };
}

/** Reads the answer of a job; null where it has none. */
export function readAnswer(row: SqlRow): JobAnswer | null {
  const status = numberOrNull(row, 'answer_status');
  if (status === null) return null;
  return { status, contentType: textOf(row, 'answer_type'), body: textOf(row, 'answer_body') };
}

function readState(row: SqlRow): JobState {
  const status = oneOf(JOB_STATUSES, textOf(row, 'status'));
  switch (status) {
    case 'queued':
      return { status, dueAtMs: numberOf(row, 'due_at_ms') };
    case 'running':
      return { status, leaseUntilMs: numberOf(row, 'lease_until_ms') };
    case 'answered':
      return { status, finishedAtMs: numberOf(row, 'finished_at_ms') };
    case 'dead': {
      const code = oneOf(DEAD_CODES, textOf(row, 'dead_code'));
      const reason = { code, message: textOf(row, 'dead_message') };
      return { status, finishedAtMs: numberOf(row, 'finished_at_ms'), reason };
    }
  }
}

function readHeaders(row: SqlRow): Headers {
  return asArray(jsonOf(row, 'headers')).flatMap((pair) => {
    const [name, value] = asArray(pair).map(asString);
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}

const DELIVERY_STATUSES = ['waiting', 'sending', 'delivered', 'undelivered'] as const;

function readDelivery(row: SqlRow): Delivery | null {
  const text = textOrNull(row, 'delivery');
  if (text === null) return null;
  const attempts = numberOf(row, 'delivery_attempts');
  const atMs = numberOf(row, 'delivery_at_ms');
  const status = oneOf(DELIVERY_STATUSES, text);
  switch (status) {
    case 'waiting':
      return { status, attempts, dueAtMs: atMs };
    case 'sending':
      return { status, attempts, leaseUntilMs: atMs };
    case 'delivered':
      return { status, attempts, atMs };
    case 'undelivered':
      return { status, attempts, atMs, message: textOf(row, 'delivery_message') };
  }
}

function oneOf<Value extends string>(known: readonly Value[], text: string): Value {
  const found = known.find((each) => each === text);
  if (found !== undefined) return found;
  throw new StoreError(
    'damaged',
    `A row of the queue holds "${text}", which this version never writes there. Restore the database from a backup.`,
  );
}
