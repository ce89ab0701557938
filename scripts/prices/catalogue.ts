import { z } from 'zod';

const rate = z.number().min(0);

const costs = z.looseObject({
  input: rate.optional(),
  output: rate.optional(),
  reasoning: rate.optional(),
  cache_read: rate.optional(),
  /** The name that a few rows have for `cache_read`. */
  cached_input: rate.optional(),
  cache_write: rate.optional(),
  cache_write_1h: rate.optional(),
  input_audio: rate.optional(),
  output_audio: rate.optional(),
});

const cost = costs.extend({
  tiers: z.array(costs.extend({ tier: z.looseObject({ size: z.number() }) })).optional(),
});

const reasoningOption = z.looseObject({
  type: z.string(),
  values: z.array(z.string()).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});

const row = z.looseObject({
  name: z.string().optional(),
  kind: z.enum(['chat', 'embedding']),
  cost: cost.optional(),
  limit: z.looseObject({ context: z.number().optional(), output: z.number().optional() }).optional(),
  modalities: z.looseObject({ input: z.array(z.string()), output: z.array(z.string()) }).optional(),
  reasoning: z.boolean().optional(),
  reasoning_options: z.array(reasoningOption).optional(),
  tool_call: z.boolean().optional(),
  structured_output: z.boolean().optional(),
  temperature: z.boolean().optional(),
  status: z.string().optional(),
  src: z.array(z.string()).min(1),
  check: z.record(z.string(), z.unknown()).optional(),
});

/** The gathered list of models and prices, as far as the import reads it; prices are USD per million tokens. */
export const catalogueSchema = z.looseObject({
  generated: z.string(),
  sources: z.record(z.string(), z.string()),
  providers: z.record(z.string(), z.looseObject({ models: z.record(z.string(), row) })),
});

export type Catalogue = z.infer<typeof catalogueSchema>;
export type SourceRow = z.infer<typeof row>;
export type SourceCosts = z.infer<typeof costs>;
export type ReasoningOption = z.infer<typeof reasoningOption>;

/** Whether only the list of prices has this row, so that nothing is known of what the model can do. */
export function isPriceOnly(source: SourceRow): boolean {
  return source.src.every((each) => each.startsWith('genai-prices'));
}
