import { z } from 'zod';
import { milliseconds, secretReference, usdPerMillion } from './common.ts';

const perClassPrice = z.strictObject({
  input: usdPerMillion,
  output: usdPerMillion,
  cache_read: usdPerMillion.optional(),
  cache_write: usdPerMillion.optional(),
  cache_write_1h: usdPerMillion.optional(),
  reasoning: usdPerMillion.optional(),
  input_audio: usdPerMillion.optional(),
  output_audio: usdPerMillion.optional(),
});

/** Corrections to what the catalogue says about one model of a provider. */
export const modelOverride = z.strictObject({
  cost_per_1m_tokens: z
    .union([usdPerMillion, perClassPrice])
    .optional()
    .describe('Price in US dollars per million tokens: one number for all tokens, or one per class.'),
  context_tokens_max: z.number().int().min(1).optional().describe('Longest prompt plus answer.'),
  output_tokens_max: z.number().int().min(1).optional().describe('Longest answer.'),
  image: z.boolean().optional().describe('Whether it reads images.'),
  pdf: z.boolean().optional().describe('Whether it reads PDF documents.'),
  tools: z.boolean().optional().describe('Whether it calls tools.'),
  structured_output: z.boolean().optional().describe('Whether it holds answers to a JSON Schema by itself.'),
});
export type ModelOverride = z.infer<typeof modelOverride>;

/** Settings of a `kind: simulated` provider. */
export const simulatedSettings = z.strictObject({
  like: z
    .string()
    .optional()
    .describe(
      'The kind of provider that it imitates: its API, its rules and its models. Default: the first kind in the list of kinds.',
    ),
  first_token_ms: z.number().min(0).max(60_000).optional().describe('Delay before the first token.'),
  tokens_per_second: z.number().min(1).max(100_000).optional().describe('Speed of its streams.'),
  fault: z.string().optional().describe('A fault that it has from the start, such as `down` or `cut:5`.'),
});
export type SimulatedSettings = z.infer<typeof simulatedSettings>;

/** One configured provider. */
export const providerSection = z.strictObject({
  kind: z.string().min(1).describe('What sort of provider it is; `bellwether models --kinds` lists them.'),
  base_url: z.string().optional().describe("Address of its API, where it is not the kind's own."),
  key: secretReference.optional().describe('Its API key, by reference.'),
  keys: z
    .array(secretReference)
    .min(1)
    .max(100)
    .optional()
    .describe('Several API keys; the next is used when one fails.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Extra headers sent with every request to it.'),
  allow_private_addresses: z
    .boolean()
    .optional()
    .describe(
      'Whether its address may lead to loopback or private networks. Default: only where base_url says so itself.',
    ),
  connect_timeout_ms: milliseconds
    .optional()
    .describe('Name resolution, TCP and TLS together, for this provider. Default: `timeouts.connect_ms`.'),
  max_connections: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Most connections to it at once. Default 16384.'),
  models: z
    .record(z.string(), modelOverride)
    .optional()
    .describe('Corrections to the catalogue, by upstream model name.'),
  simulate: simulatedSettings.optional().describe('Only for `kind: simulated`.'),
});
export type ProviderInput = z.infer<typeof providerSection>;
