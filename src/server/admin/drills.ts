import { z } from 'zod';
import { DRILL_SECONDS_MAX, type Drill, type DrillControl } from '../../spec/drill.ts';
import { CIRCUIT_STATES, DRILL_ENDINGS } from '../../spec/event.ts';
import { timeSchema, timeText, timeTextOrNull } from './format.ts';
import { Problem } from './problem.ts';
import { route, routeWithBody, type AdminRoute } from './route.ts';

const drillInput = z
  .strictObject({
    provider: z.string().min(1).max(200).describe('Configured name of the provider that is to fail.'),
    fault: z
      .string()
      .min(1)
      .max(100)
      .describe('Short name of a fault, such as `down`, `429`, `cut:5` or `slow:2000`.'),
    share: z.number().gt(0).max(1).default(1).describe('Chance that a call to it meets the fault.'),
    seconds: z.number().gt(0).max(DRILL_SECONDS_MAX).describe('How long; it ends by itself.'),
  })
  .meta({ id: 'DrillOrder' });

const count = z.number().int().min(0);

const drillSchema = z
  .strictObject({
    id: z.string(),
    provider: z.string(),
    fault: z.string(),
    share: z.number(),
    started_by: z.string(),
    started_at: timeSchema,
    until: timeSchema,
    ended_at: timeSchema.nullable(),
    ending: z.literal(DRILL_ENDINGS).nullable().describe('Why it is over; null while it runs.'),
    report: z.strictObject({
      requests: count.describe(
        'Requests that ended while it ran, and those that met the fault and ended later.',
      ),
      provider_calls: count,
      broken_calls: count,
      met: count.describe(
        'Requests that met the fault and have ended; each is in one of the next six counts.',
      ),
      failed_over: count,
      resumed: count,
      recovered: count,
      lost: count.describe('Failed although another target existed. Must be 0.'),
      unavoidable: count.describe('Failed, and no other target could have answered.'),
      left: count.describe('Their client went away first.'),
      under_way: count,
      failed_besides: count,
      added_ms: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }).nullable(),
      targets: z.array(z.strictObject({ target: z.string(), answered: count, failed: count })),
      circuits: z.array(
        z.strictObject({
          at: timeSchema,
          target: z.string(),
          key_index: z.number(),
          from: z.literal(CIRCUIT_STATES),
          to: z.literal(CIRCUIT_STATES),
          reason: z.string(),
        }),
      ),
      circuit_changes: count,
      verdict: z.string(),
    }),
  })
  .meta({ id: 'Drill' });

/** Drills: a provider, real or simulated, is made to fail for a while, and what comes of it is told. */
export const drillRoutes: readonly AdminRoute[] = [
  routeWithBody({
    method: 'POST',
    path: '/drills',
    id: 'startDrill',
    summary: 'Makes a provider fail in one way, for a share of its calls and a time.',
    permission: 'drills:write',
    status: 201,
    input: drillInput,
    output: drillSchema,
    handle: async ({ input, by, ports }) => {
      const start = await desk(ports.drills).start({ ...input, startedBy: by ?? 'unknown' });
      if (start.type === 'started') return drillView(start.drill);
      if (start.field === null) throw new Problem('conflict', start.message);
      throw new Problem('invalid', start.message, { field: start.field });
    },
  }),
  route({
    method: 'GET',
    path: '/drills',
    id: 'listDrills',
    summary: 'Lists the drills that run and the last that ran, newest first.',
    permission: 'gateway:read',
    output: z.strictObject({ drills: z.array(drillSchema) }),
    handle: async ({ ports }) => ({ drills: ((await ports.drills?.list()) ?? []).map(drillView) }),
  }),
  route({
    method: 'GET',
    path: '/drills/{id}',
    id: 'getDrill',
    summary: 'Tells of one drill what came of it so far.',
    permission: 'gateway:read',
    output: drillSchema,
    handle: async ({ params, ports }) => drillView(found(await ports.drills?.get(params['id'] ?? ''))),
  }),
  route({
    method: 'DELETE',
    path: '/drills/{id}',
    id: 'stopDrill',
    summary: 'Ends a drill before its time.',
    permission: 'drills:write',
    output: drillSchema,
    handle: async ({ params, ports }) => drillView(found(await ports.drills?.stop(params['id'] ?? ''))),
  }),
];

function desk(drills: DrillControl | null): DrillControl {
  if (drills !== null) return drills;
  throw new Problem('conflict', 'A drill needs a running gateway, and none runs here.');
}

function found(drill: Drill | null | undefined): Drill {
  if (drill !== null && drill !== undefined) return drill;
  throw new Problem(
    'not_found',
    'No drill has this id. GET /admin/v1/drills lists them; the oldest are forgotten.',
  );
}

function drillView(drill: Drill): z.infer<typeof drillSchema> {
  const { report } = drill;
  return {
    id: drill.id,
    provider: drill.provider,
    fault: drill.fault,
    share: drill.share,
    started_by: drill.startedBy,
    started_at: timeText(drill.startedAtMs),
    until: timeText(drill.untilMs),
    ended_at: timeTextOrNull(drill.endedAtMs),
    ending: drill.ending,
    report: {
      requests: report.requests,
      provider_calls: report.providerCalls,
      broken_calls: report.brokenCalls,
      met: report.met,
      failed_over: report.failedOver,
      resumed: report.resumed,
      recovered: report.recovered,
      lost: report.lost,
      unavoidable: report.unavoidable,
      left: report.left,
      under_way: report.underWay,
      failed_besides: report.failedBesides,
      added_ms: report.addedMs === null ? null : { ...report.addedMs },
      targets: report.targets.map((target) => ({ ...target })),
      circuits: report.circuits.map(({ atMs, target, keyIndex, from, to, reason }) => ({
        at: timeText(atMs),
        target,
        key_index: keyIndex,
        from,
        to,
        reason,
      })),
      circuit_changes: report.circuitChanges,
      verdict: report.verdict,
    },
  };
}
