import { textToBytes } from '../../base/bytes.ts';
import { JOB_STATUSES, type JobStatus } from '../../spec/queue.ts';
import { callerOf } from '../../gateway/admit.ts';
import { jobText, jobView } from '../../queue/job-text.ts';
import { GatewayError, invalid } from '../../spec/error.ts';
import type { KeyDirectoryView, QueueDesk } from '../../store/store.ts';
import type { ServerRequest } from '../request.ts';
import type { RouteEntry } from '../router.ts';
import { CHAT_COMPLETIONS } from '../inference/surfaces.ts';
import { accept, noQueue, type QueuePlace } from './accept.ts';
import { readEnvelope } from './envelope.ts';

export interface QueueRouteOptions extends QueuePlace {
  readonly keys: KeyDirectoryView;
}

/** The addresses of the queue. A key sees the jobs that it queued and no others. */
export function queueRoutes(options: QueueRouteOptions): readonly RouteEntry[] {
  return [
    {
      path: '/v1/queue',
      surface: CHAT_COMPLETIONS,
      methods: {
        GET: (request) => list(request, options),
        POST: (request) => accept(options, request, readEnvelope(request.body)),
      },
    },
    {
      path: '/v1/queue/:job',
      surface: CHAT_COMPLETIONS,
      methods: {
        GET: (request, { job = '' }) => show(request, job, options),
        DELETE: (request, { job = '' }) => cancel(request, job, options),
      },
    },
  ];
}

const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

async function list(request: ServerRequest, options: QueueRouteOptions): Promise<void> {
  const { keyId } = callerOf(options.keys, request);
  const query = new URLSearchParams(request.query);
  for (const name of query.keys()) {
    if (!QUERY.includes(name)) {
      throw invalid(
        name.slice(0, 64),
        `There is no parameter "${name.slice(0, 64)}" here; known are ${QUERY.join(', ')}.`,
      );
    }
  }
  const page = await deskOf(options).list({
    keyId,
    status: statusOf(query.get('status')),
    cursor: query.get('cursor'),
    limit: limitOf(query.get('limit')),
  });
  const jobs = page.jobs.map(jobView);
  answer(request, 200, JSON.stringify({ object: 'list', data: jobs, next_cursor: page.nextCursor }));
}

const QUERY = ['status', 'cursor', 'limit'];

async function show(request: ServerRequest, jobId: string, options: QueueRouteOptions): Promise<void> {
  const { keyId } = callerOf(options.keys, request);
  const found = await deskOf(options).find(keyId, jobId);
  if (found === null) throw unknown(jobId);
  answer(request, 200, jobText(found.job, found.answer));
}

async function cancel(request: ServerRequest, jobId: string, options: QueueRouteOptions): Promise<void> {
  const { keyId } = callerOf(options.keys, request);
  const outcome = await deskOf(options).cancel(keyId, jobId);
  switch (outcome) {
    case 'cancelled':
      answer(request, 200, JSON.stringify({ id: jobId, object: 'queue.job', deleted: true }));
      return;
    case 'unknown':
      throw unknown(jobId);
    case 'running':
      throw new GatewayError('conflict', 'This job is running and cannot be cancelled any more.');
    case 'finished':
      throw new GatewayError('conflict', 'This job is finished and cannot be cancelled any more.');
  }
}

function deskOf({ desk }: QueueRouteOptions): QueueDesk {
  if (desk === null) throw noQueue();
  return desk;
}

function unknown(jobId: string): GatewayError {
  return new GatewayError(
    'not_found',
    `This key has no job "${jobId.slice(0, 64)}". It may be past its retention.`,
  );
}

function statusOf(text: string | null): JobStatus | null {
  if (text === null) return null;
  const status = JOB_STATUSES.find((each) => each === text);
  if (status !== undefined) return status;
  throw invalid('status', `The parameter "status" must be one of ${JOB_STATUSES.join(', ')}.`);
}

function limitOf(text: string | null): number {
  const limit = text === null ? PAGE_DEFAULT : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_MAX) return limit;
  throw invalid('limit', `The parameter "limit" must be a whole number from 1 to ${PAGE_MAX}.`);
}

function answer({ sink }: ServerRequest, status: number, json: string): void {
  sink.answer(status, ['cache-control', 'no-store'], textToBytes(json));
}
