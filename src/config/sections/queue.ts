import { z } from 'zod';
import { milliseconds, secretReference } from './common.ts';

const DAY_S = 86_400;

/** Requests that are written down before they are acknowledged, and answered later. */
export const queueSection = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether requests may be queued (`POST /v1/queue`, or `background: true` in a request).'),
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(4)
    .describe('Most queued requests that run at once.'),
  max_waiting: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Most requests that wait or run; one more is refused with 429.'),
  max_attempts: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('How often a request is run at most before it is given up as dead.'),
  retry_base_ms: milliseconds
    .default(5_000)
    .describe('Longest wait before the second run; it doubles with each, and chance picks a part of it.'),
  retry_max_ms: milliseconds.default(600_000).describe('Longest wait between two runs.'),
  expires_s: z
    .number()
    .int()
    .min(1)
    .max(30 * DAY_S)
    .default(DAY_S)
    .describe(
      'Seconds after which a request that has no answer is given up as dead; a request may name its own.',
    ),
  lease_ms: milliseconds
    .default(60_000)
    .describe('How long a worker holds a request without a sign of life before another may take it.'),
  retention_days: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(7)
    .describe('Days that answered and dead requests are kept for fetching.'),
  webhook_secret: secretReference
    .optional()
    .describe(
      'A reference to the secret that signs deliveries: base64, with or without `whsec_` before it. Without it no request may name a webhook.',
    ),
  webhook_allow_private: z
    .boolean()
    .default(false)
    .describe('Whether webhooks may lead to private and loopback addresses, and to plain http.'),
  webhook_give_up_s: z
    .number()
    .int()
    .min(1)
    .max(30 * DAY_S)
    .default(DAY_S)
    .describe('Seconds after which a delivery that fails is given up as undelivered.'),
});
