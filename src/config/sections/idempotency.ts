import { z } from 'zod';

/** Requests that say by a header that they may be repetitions. */
export const idempotencySection = z.strictObject({
  keep_s: z
    .number()
    .int()
    .min(0)
    .max(604_800)
    .default(86_400)
    .describe(
      'Seconds that the answer to a request with an `Idempotency-Key` is kept, and given again to a repetition; 0 ignores the header.',
    ),
  max_entries: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Most answers that are kept, those of `keep_answers_s` included; the oldest go first.'),
  max_answer_bytes: z
    .number()
    .int()
    .min(1_024)
    .max(67_108_864)
    .default(4_194_304)
    .describe('A longer answer is not kept: a repetition is refused with 409.'),
});
