import { parseJson, type JsonObject } from '../base/json.ts';
import type { Job, JobAnswer } from '../spec/queue.ts';

/** A job as its owner sees it, as JSON. An answer that is JSON stands in it byte for byte. */
export function jobText(job: Job, answer: JobAnswer | null): string {
  const text = JSON.stringify(jobView(job));
  return `${text.slice(0, -1)},"answer":${answer === null ? 'null' : answerText(answer)}}`;
}

/** A job as its owner sees it, without its answer. */
export function jobView(job: Job): JsonObject {
  const { state, delivery, lastError } = job;
  const finished = state.status === 'answered' || state.status === 'dead';
  return {
    id: job.jobId,
    object: 'queue.job',
    status: state.status,
    api: job.api,
    model: job.model,
    order_key: job.orderKey,
    metadata: job.metadata,
    attempts: job.attempts,
    created_at: timeText(job.createdAtMs),
    expires_at: timeText(job.expiresAtMs),
    next_attempt_at: state.status === 'queued' ? timeText(state.dueAtMs) : null,
    finished_at: finished ? timeText(state.finishedAtMs) : null,
    reason: state.status === 'dead' ? { code: state.reason.code, message: state.reason.message } : null,
    last_error: lastError === null ? null : { status: lastError.status, message: lastError.message },
    delivery:
      delivery === null
        ? null
        : {
            status: delivery.status,
            attempts: delivery.attempts,
            next_attempt_at: delivery.status === 'waiting' ? timeText(delivery.dueAtMs) : null,
            message: delivery.status === 'undelivered' ? delivery.message : null,
          },
  };
}

function answerText({ status, contentType, body }: JobAnswer): string {
  const head = JSON.stringify({ status, content_type: contentType });
  const json = /\bjson\b/i.test(contentType) && parseJson(body).type === 'ok';
  return `${head.slice(0, -1)},"body":${json ? body : JSON.stringify(body)}}`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
