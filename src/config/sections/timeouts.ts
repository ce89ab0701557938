import { z } from 'zod';
import { milliseconds } from './common.ts';

/**
 * Waits on the way to a provider, for all models or for one. Defaults: protocols of load balancers and SDKs
 * (connect 2 s) and what slow reasoning models need (first token 60 s).
 */
export const timeoutsSection = z.strictObject({
  connect_ms: milliseconds.optional().describe('Name resolution, TCP and TLS together. Default 2000.'),
  first_byte_ms: milliseconds
    .optional()
    .describe(
      'From the request sent to the head of a streamed answer. Default 30000, for a model that reasons 120000.',
    ),
  first_token_ms: milliseconds
    .optional()
    .describe(
      'From the request sent to the first content of a stream; pings do not count. Default 60000, for a model that reasons 300000.',
    ),
  idle_ms: milliseconds
    .optional()
    .describe(
      'Between two pieces of a stream, where comments and pings do not count, or of the body of another answer. Default 30000.',
    ),
  answer_ms: milliseconds
    .optional()
    .describe(
      'From the request sent to the end of an answer that is not streamed. Default 300000, or while another target is left three times what this one is learned to need, at least 30000.',
    ),
  total_ms: milliseconds.optional().describe('The whole request with all of its attempts. Default 600000.'),
});
