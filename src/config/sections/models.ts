import { z } from 'zod';
import { name } from './common.ts';
import { modelFailoverSection } from './failover.ts';
import { timeoutsSection } from './timeouts.ts';

const targetAddress = z
  .string()
  .regex(/^[^/\s]+\/\S+$/, 'must be provider/upstream-model, such as openai/gpt-4.1')
  .describe('`provider/upstream-model`.');

const weightedTarget = z.strictObject({ target: targetAddress, weight: z.number().min(0).max(1_000_000) });

/** A public model: the targets that serve it, in order, and the models that stand in when none of them can. */
export const modelSection = z.strictObject({
  targets: z
    .array(z.union([targetAddress, weightedTarget]))
    .min(1)
    .max(100)
    .describe('Where it is served: `provider/upstream-model`, or such an address with a weight.'),
  fallbacks: z.array(name).max(100).default([]).describe('Public models to try after all targets, in order.'),
  strategy: z
    .enum(['ordered', 'weighted', 'cheapest'])
    .default('ordered')
    .describe(
      'In which order the targets are tried: as listed, by chance in proportion to their weights, or by price.',
    ),
  strict: z
    .boolean()
    .default(false)
    .describe('Whether a target that cannot express the whole request is an error instead of a warning.'),
  timeouts: timeoutsSection.optional(),
  failover: modelFailoverSection.optional(),
});

/** A route: a name that chooses among public models for each request. */
export const routeSection = z.strictObject({
  strategy: z
    .enum(['ordered', 'cheapest', 'hybrid'])
    .default('hybrid')
    .describe('How the tiers are ordered for a request.'),
  tiers: z.array(name).min(1).max(100).describe('Public models, from the cheap to the strong.'),
  timeouts: timeoutsSection.pick({ total_ms: true }).optional(),
  failover: modelFailoverSection.optional(),
});
