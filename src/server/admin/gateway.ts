import { z } from 'zod';
import { timeSchema, timeText } from './format.ts';
import { Problem } from './problem.ts';
import { route, routeWithBody, type AdminRoute } from './route.ts';

const modelsSchema = z.strictObject({
  models: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.literal(['model', 'route']),
      targets: z.array(z.string()),
      fallbacks: z.array(z.string()),
    }),
  ),
});

const explainInput = z
  .strictObject({
    model: z.string().min(1).max(200),
    input_tokens: z.number().int().min(0).max(100_000_000).default(0),
    tools: z.boolean().default(false),
    image: z.boolean().default(false),
    json_schema: z.boolean().default(false),
  })
  .meta({ id: 'ExplainQuestion' });

const explanationSchema = z
  .strictObject({
    model: z.string(),
    reason: z.string().describe('Why the first candidate is first.'),
    candidates: z.array(z.string()).describe('Targets in the order in which they would be tried.'),
    skipped: z.array(z.strictObject({ target: z.string(), reason: z.string() })),
  })
  .meta({ id: 'Explanation' });

/** The gateway itself: what it serves, how it is set up. */
export const gatewayRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/models',
    id: 'listModels',
    summary: 'Lists the models and routes that clients may ask for, with their targets.',
    permission: 'gateway:read',
    output: modelsSchema,
    handle: ({ ports }) => ({
      models: ports.gateway.models().map(({ name, kind, targets, fallbacks }) => ({
        name,
        kind,
        targets: [...targets],
        fallbacks: [...fallbacks],
      })),
    }),
  }),
  route({
    method: 'GET',
    path: '/config',
    id: 'getConfig',
    summary: 'Shows the configuration in force with all defaults, every secret as its reference only.',
    permission: 'gateway:read',
    output: z.strictObject({ source: z.string().nullable(), loaded_at: timeSchema, config: z.unknown() }),
    handle: ({ ports }) => {
      const { source, loadedAtMs, config } = ports.gateway.config();
      return { source, loaded_at: timeText(loadedAtMs), config };
    },
  }),
  route({
    method: 'POST',
    path: '/config/reload',
    id: 'reloadConfig',
    summary: 'Reads the configuration anew. A bad one changes nothing and is answered with what is wrong.',
    permission: 'gateway:write',
    output: z.strictObject({ changes: z.array(z.string()) }),
    handle: async ({ ports }) => {
      const outcome = await ports.gateway.reload();
      if (outcome.type === 'reloaded') return { changes: [...outcome.changes] };
      throw new Problem(
        'config_refused',
        `The configuration has mistakes and was not taken; the one before stays in force. ${outcome.problems.join(' ')}`,
      );
    },
  }),
  routeWithBody({
    method: 'POST',
    path: '/explain',
    id: 'explain',
    summary: 'Shows where a request would go now, and why not elsewhere, without sending it.',
    permission: 'gateway:read',
    input: explainInput,
    output: explanationSchema,
    handle: ({ input, ports }) => {
      const { model, input_tokens, json_schema, ...rest } = input;
      const question = { ...rest, model, inputTokens: input_tokens, jsonSchema: json_schema };
      const found = ports.gateway.explain(question);
      if (found === null) {
        throw new Problem('not_found', 'No model or route has this name. GET /admin/v1/models lists them.', {
          field: 'model',
        });
      }
      const skipped = found.skipped.map(({ target, reason }) => ({ target, reason }));
      return { model, reason: found.reason, candidates: [...found.candidates], skipped };
    },
  }),
];
