import { z } from 'zod';
import { CIRCUIT_STATES } from '../../spec/event.ts';
import {
  REPORT_STATUSES,
  type HealthReport,
  type ModelStatus,
  type TargetStatus,
} from '../../spec/health-report.ts';
import { timeSchema, timeText } from './format.ts';
import type { GatewayHealth } from './ports.ts';
import { route, type AdminRoute } from './route.ts';

const count = z.number().int().min(0);

const targetSchema = z
  .strictObject({
    target: z.string(),
    healthy: z.boolean(),
    state: z.literal(CIRCUIT_STATES).describe('Its circuit; of several keys that of the best.'),
    last_check: timeSchema.nullable().describe('When a call or probe last told something about it.'),
    consecutive_failures: count,
    last_error: z.string().nullable().describe('What went wrong last, also where it is well again.'),
    open_until: timeSchema.nullable(),
    parked_until: timeSchema
      .nullable()
      .describe('Until when a rate limit, a quota or a refused key keeps calls away.'),
    in_flight: count,
    concurrency_limit: z.number().nullable().describe('Most calls at once at present; null: no limit.'),
    first_token_ms: z
      .strictObject({ p50: z.number(), p95: z.number(), p99: z.number() })
      .nullable()
      .describe('Null until enough answers came.'),
    tokens_per_second: z.number().nullable(),
  })
  .meta({ id: 'TargetHealth', description: 'How one target is seen at present.' });

const healthSchema = z
  .strictObject({
    status: z.literal(['ok', 'degraded', 'draining']),
    version: z.string(),
    started_at: timeSchema,
    in_flight: count,
    store_problem: z.string().nullable(),
    request_log: z.strictObject({ waiting: z.number(), dropped: z.number() }),
    targets: z.array(targetSchema),
  })
  .meta({ id: 'Health' });

const reportSchema = z
  .strictObject({
    timestamp: timeSchema,
    status: z
      .literal(REPORT_STATUSES)
      .describe('healthy: every model is. degraded: some are. down: none is.'),
    healthy: count.describe('Healthy models.'),
    total: count.describe('All models; routes are made of models and not counted.'),
    summary: z.string().describe('The same in words: 3/4 models healthy.'),
    models: z.array(
      z.strictObject({
        model: z.string(),
        healthy: z.boolean().describe('Whether one of its own targets is.'),
        last_check: timeSchema.nullable(),
        consecutive_failures: count.describe('Those of its best target.'),
        targets: z.array(targetSchema),
      }),
    ),
  })
  .meta({ id: 'HealthReport' });

/** How the gateway, its models and their targets are. */
export const healthRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/health',
    id: 'getHealth',
    summary: 'Tells how the gateway and every target are.',
    permission: 'gateway:read',
    output: healthSchema,
    handle: async ({ ports }) => healthView(await ports.gateway.health()),
  }),
  route({
    method: 'GET',
    path: '/health-report',
    id: 'getHealthReport',
    summary: 'Tells which models are healthy, by live traffic and probes, with every target of theirs.',
    permission: 'gateway:read',
    output: reportSchema,
    handle: ({ ports }) => reportView(ports.gateway.healthReport()),
  }),
];

function healthView(health: GatewayHealth): z.infer<typeof healthSchema> {
  return {
    status: health.status,
    version: health.version,
    started_at: timeText(health.startedAtMs),
    in_flight: health.inFlight,
    store_problem: health.storeProblem,
    request_log: { waiting: health.requestLog.waiting, dropped: health.requestLog.dropped },
    targets: health.targets.map(targetView),
  };
}

function reportView(report: HealthReport): z.infer<typeof reportSchema> {
  const { timestamp, status, healthy, total, summary, models } = report;
  return { timestamp, status, healthy, total, summary, models: models.map(modelView) };
}

function modelView(model: ModelStatus): z.infer<typeof reportSchema>['models'][number] {
  return {
    model: model.model,
    healthy: model.healthy,
    last_check: model.lastCheck,
    consecutive_failures: model.consecutiveFailures,
    targets: model.targets.map(targetView),
  };
}

function targetView(target: TargetStatus): z.infer<typeof targetSchema> {
  return {
    target: target.target,
    healthy: target.healthy,
    state: target.state,
    last_check: target.lastCheck,
    consecutive_failures: target.consecutiveFailures,
    last_error: target.lastError,
    open_until: target.openUntil,
    parked_until: target.parkedUntil,
    in_flight: target.inFlight,
    concurrency_limit: target.concurrencyLimit,
    first_token_ms: target.firstTokenMs,
    tokens_per_second: target.tokensPerSecond,
  };
}
