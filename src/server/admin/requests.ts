import { z } from 'zod';
import { ATTEMPT_PURPOSES, RESUME_METHODS, type Attempt } from '../../spec/attempt.ts';
import type { Usage } from '../../spec/usage.ts';
import { REQUEST_OUTCOMES, type RequestLogFilters, type RequestLogRow } from '../../store/store.ts';
import { timeInput, timeMs, timeSchema, timeText, usdSchema, usdText } from './format.ts';
import { Problem } from './problem.ts';
import { route, routeWithQuery, type AdminRoute } from './route.ts';

const count = z.number().nullable();
const milliseconds = z.number().nullable();

const usageSchema = z
  .strictObject({
    input: count,
    input_audio: count,
    cache_read: count,
    cache_write_5m: count,
    cache_write_1h: count,
    output: count,
    output_audio: count,
    reasoning: count,
    web_searches: count,
    source: z.literal(['reported', 'estimated']),
  })
  .meta({ id: 'Usage', description: 'Tokens by disjoint class; null where unknown.' });

const attemptSchema = z
  .strictObject({
    number: z.number(),
    target: z.string(),
    provider: z.string(),
    model: z.string(),
    key_index: z.number(),
    purpose: z.literal(ATTEMPT_PURPOSES).describe('Why this call was made.'),
    resume: z
      .literal(RESUME_METHODS)
      .nullable()
      .describe('How it was to go on with what the client had already; null where nothing had been sent.'),
    started_at: timeSchema,
    head_ms: milliseconds,
    first_token_ms: milliseconds,
    duration_ms: z.number(),
    outcome: z.literal(['answered', 'failed']),
    error: z
      .strictObject({
        kind: z.string(),
        message: z.string(),
        status: z.number().nullable(),
        retry_after_ms: milliseconds,
        after_content: z.boolean(),
      })
      .nullable(),
    usage: usageSchema.nullable(),
    cost_usd: usdSchema.nullable(),
    upstream_request_id: z.string().nullable(),
  })
  .meta({ id: 'Attempt', description: 'One call to one target and what came of it.' });

const requestSchema = z
  .strictObject({
    id: z.string(),
    started_at: timeSchema,
    duration_ms: z.number(),
    overhead_ms: z.number(),
    first_token_ms: milliseconds,
    protocol: z.string(),
    operation: z.string(),
    model: z.string().nullable(),
    key_id: z.string().nullable(),
    tags: z.array(z.string()),
    stream: z.boolean(),
    status: z.number(),
    error: z.strictObject({ kind: z.string(), message: z.string() }).nullable(),
    target: z.string().nullable(),
    route_reason: z.string().nullable(),
    finish: z.string().nullable(),
    usage: usageSchema.nullable(),
    cost_usd: usdSchema.nullable(),
    attempts: z.array(attemptSchema),
    warnings: z.array(z.strictObject({ code: z.string(), field: z.string(), message: z.string() })),
    request_bytes: z.number(),
    answer_bytes: z.number(),
  })
  .meta({ id: 'Request', description: 'A finished request, without contents.' });

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Rows of a page.'),
  cursor: z.string().max(50).optional().describe('next_cursor of the page before.'),
  from: timeInput.optional().describe('Started at or after.'),
  to: timeInput.optional().describe('Started before.'),
  key_id: z.string().optional(),
  model: z.string().optional().describe('The model or route that was asked for.'),
  target: z.string().optional().describe('The target that answered.'),
  status: z.coerce.number().int().min(100).max(599).optional(),
  outcome: z
    .literal(REQUEST_OUTCOMES)
    .optional()
    .describe(
      'failed: status 400 or more. recovered: answered, but not by the first attempt. resumed: of these, those that broke off in the middle and went on.',
    ),
});

/** The log of requests. */
export const requestRoutes: readonly AdminRoute[] = [
  routeWithQuery({
    method: 'GET',
    path: '/requests',
    id: 'listRequests',
    summary: 'Lists finished requests, newest first, a page at a time.',
    permission: 'requests:read',
    query: listQuery,
    output: z.strictObject({ requests: z.array(requestSchema), next_cursor: z.string().nullable() }),
    handle: async ({ query, ports }) => {
      const page = await ports.requests.list({
        filters: filters(query),
        cursor: query.cursor ?? null,
        limit: query.limit,
      });
      return { requests: page.rows.map(requestView), next_cursor: page.nextCursor };
    },
  }),
  route({
    method: 'GET',
    path: '/requests/{id}',
    id: 'getRequest',
    summary: 'Shows one finished request with all of its attempts.',
    permission: 'requests:read',
    output: requestSchema,
    handle: async ({ params, ports }) => {
      const row = await ports.requests.get(params['id'] ?? '');
      if (row !== null) return requestView(row);
      throw new Problem(
        'not_found',
        'There is no finished request with this id. It may still run, be written in a moment, or be past its retention.',
      );
    },
  }),
];

function filters(query: z.infer<typeof listQuery>): RequestLogFilters {
  const { from, to, key_id, model, target, status, outcome } = query;
  return {
    ...(from === undefined ? {} : { fromMs: timeMs(from) }),
    ...(to === undefined ? {} : { toMs: timeMs(to) }),
    ...(key_id === undefined ? {} : { keyId: key_id }),
    ...(model === undefined ? {} : { model }),
    ...(target === undefined ? {} : { target }),
    ...(status === undefined ? {} : { status }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

function requestView(row: RequestLogRow): z.infer<typeof requestSchema> {
  return {
    id: row.requestId,
    started_at: timeText(row.startedAtMs),
    duration_ms: row.durationMs,
    overhead_ms: row.overheadMs,
    first_token_ms: row.firstTokenMs,
    protocol: row.protocol,
    operation: row.operation,
    model: row.model,
    key_id: row.keyId,
    tags: [...row.tags],
    stream: row.stream,
    status: row.status,
    error: row.error === null ? null : { kind: row.error.kind, message: row.error.message },
    target: row.target,
    route_reason: row.routeReason,
    finish: row.finish?.reason ?? null,
    usage: row.usage === null ? null : usageView(row.usage),
    cost_usd: row.costNanodollars === null ? null : usdText(row.costNanodollars),
    attempts: row.attempts.map(attemptView),
    warnings: row.warnings.map(({ code, field, message }) => ({ code, field, message })),
    request_bytes: row.requestBytes,
    answer_bytes: row.answerBytes,
  };
}

function attemptView(attempt: Attempt): z.infer<typeof attemptSchema> {
  const { outcome } = attempt;
  return {
    number: attempt.number,
    target: attempt.target,
    provider: attempt.provider,
    model: attempt.model,
    key_index: attempt.keyIndex,
    purpose: attempt.purpose,
    resume: attempt.resume,
    started_at: timeText(attempt.startedAtMs),
    head_ms: attempt.headMs,
    first_token_ms: attempt.firstTokenMs,
    duration_ms: attempt.durationMs,
    outcome: outcome.type,
    error:
      outcome.type === 'failed'
        ? {
            kind: outcome.kind,
            message: outcome.message,
            status: outcome.status,
            retry_after_ms: outcome.retryAfterMs,
            after_content: outcome.committed,
          }
        : null,
    usage: attempt.usage === null ? null : usageView(attempt.usage),
    cost_usd: attempt.costNanodollars === null ? null : usdText(attempt.costNanodollars),
    upstream_request_id: attempt.upstreamRequestId,
  };
}

function usageView(usage: Usage): z.infer<typeof usageSchema> {
  return {
    input: usage.input,
    input_audio: usage.inputAudio,
    cache_read: usage.cacheRead,
    cache_write_5m: usage.cacheWrite5m,
    cache_write_1h: usage.cacheWrite1h,
    output: usage.output,
    output_audio: usage.outputAudio,
    reasoning: usage.reasoning,
    web_searches: usage.webSearches,
    source: usage.source,
  };
}
