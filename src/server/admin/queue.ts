import { z } from 'zod';
import { DEAD_CODES, JOB_STATUSES, QUEUE_APIS, type Delivery, type Job } from '../../spec/queue.ts';
import { timeSchema, timeText, timeTextOrNull } from './format.ts';
import { Problem } from './problem.ts';
import { route, routeWithQuery, type AdminRoute } from './route.ts';

const jobSchema = z
  .strictObject({
    id: z.string(),
    key_id: z.string().describe('The key that queued it.'),
    status: z.literal(JOB_STATUSES),
    api: z.literal(QUEUE_APIS),
    model: z.string(),
    order_key: z.string().nullable(),
    attempts: z.number().describe('Runs that were begun.'),
    created_at: timeSchema,
    expires_at: timeSchema,
    next_attempt_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
    reason: z
      .strictObject({ code: z.literal(DEAD_CODES), message: z.string() })
      .nullable()
      .describe('Why it is dead.'),
    last_error: z.strictObject({ status: z.number(), message: z.string() }).nullable(),
    delivery: z
      .strictObject({
        status: z.literal(['waiting', 'sending', 'delivered', 'undelivered']),
        url: z.string(),
        attempts: z.number(),
        next_attempt_at: timeSchema.nullable(),
        message: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Job', description: 'A queued request, without contents.' });

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Jobs of a page.'),
  cursor: z.string().max(50).optional().describe('next_cursor of the page before.'),
  status: z.literal(JOB_STATUSES).optional(),
  key_id: z.string().optional(),
});

/** Queued requests of all keys. */
export const queueAdminRoutes: readonly AdminRoute[] = [
  routeWithQuery({
    method: 'GET',
    path: '/queue',
    id: 'listJobs',
    summary: 'Lists queued requests, newest first, a page at a time; status=dead gives the dead letters.',
    permission: 'queue:read',
    query: listQuery,
    output: z.strictObject({ jobs: z.array(jobSchema), next_cursor: z.string().nullable() }),
    handle: async ({ query, ports }) => {
      const page = await ports.queue.list({
        keyId: query.key_id ?? null,
        status: query.status ?? null,
        cursor: query.cursor ?? null,
        limit: query.limit,
      });
      return { jobs: page.jobs.map(jobOf), next_cursor: page.nextCursor };
    },
  }),
  route({
    method: 'POST',
    path: '/queue/{id}/retry',
    id: 'retryJob',
    summary: 'Lets a dead request begin anew, with all of its attempts and its time.',
    permission: 'queue:write',
    output: jobSchema,
    handle: async ({ params, ports }) => {
      const job = await ports.queue.revive(params['id'] ?? '');
      if (job === null) throw new Problem('not_found', 'There is no queued request with this id.');
      if (job === false)
        throw new Problem('conflict', 'This request is not dead, so there is nothing to retry.');
      return jobOf(job);
    },
  }),
];

function jobOf(job: Job): z.infer<typeof jobSchema> {
  const { state, lastError } = job;
  const finished = state.status === 'answered' || state.status === 'dead';
  return {
    id: job.jobId,
    key_id: job.keyId,
    status: state.status,
    api: job.api,
    model: job.model,
    order_key: job.orderKey,
    attempts: job.attempts,
    created_at: timeText(job.createdAtMs),
    expires_at: timeText(job.expiresAtMs),
    next_attempt_at: timeTextOrNull(state.status === 'queued' ? state.dueAtMs : null),
    finished_at: timeTextOrNull(finished ? state.finishedAtMs : null),
    reason: state.status === 'dead' ? { code: state.reason.code, message: state.reason.message } : null,
    last_error: lastError === null ? null : { status: lastError.status, message: lastError.message },
    delivery: job.delivery === null ? null : deliveryOf(job.delivery, job.webhookUrl ?? ''),
  };
}

function deliveryOf(delivery: Delivery, url: string): z.infer<typeof jobSchema>['delivery'] {
  return {
    status: delivery.status,
    url,
    attempts: delivery.attempts,
    next_attempt_at: timeTextOrNull(delivery.status === 'waiting' ? delivery.dueAtMs : null),
    message: delivery.status === 'undelivered' ? delivery.message : null,
  };
}
