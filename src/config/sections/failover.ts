import { z } from 'zod';
import { RESUME_POLICIES } from '../config.ts';
import { milliseconds, usdPerMillion } from './common.ts';

const share = z.number().min(0).max(1);

const hedgeSection = z.strictObject({
  after_ms: milliseconds
    .optional()
    .describe(
      'When to ask a second target. Default: the learned 95th percentile of the first token, or 99th of an answer that is not streamed.',
    ),
  tools: z.boolean().default(false).describe('Whether requests with tools may be hedged too.'),
  max_cost_usd: usdPerMillion
    .default(0.05)
    .describe('Never hedge a request whose second answer is expected to cost more than this, in US dollars.'),
});

/** What may be said for all models and, again, for one: how its answers survive a failing provider. */
export const modelFailoverSection = z.strictObject({
  resume: z
    .enum(RESUME_POLICIES)
    .optional()
    .describe(
      'What happens when a provider dies in the middle of an answer: `resume` goes on at another target, ' +
        '`restart-only-if-nothing-sent` asks another one only while the client has nothing, `error` asks nobody again once a ' +
        'provider has begun to answer. Header `x-bellwether-resume` says it for one request. Default `resume`.',
    ),
  spare_share: share
    .optional()
    .describe(
      'Share of requests that go to a fallback first, so that the spare path is known to work. Default 0.01; 0 turns it off.',
    ),
  hedge: z
    .union([z.literal(false), hedgeSection])
    .optional()
    .describe(
      'Ask a second target when the first is slow to speak; the first to speak wins, the other is cancelled and paid. Default false.',
    ),
  keep_answers_s: z
    .number()
    .int()
    .min(0)
    .max(604_800)
    .optional()
    .describe(
      'Seconds that finished answers can be fetched again by request id, for clients whose connection dropped. Default 0: not kept.',
    ),
  min_tokens_per_second: z
    .number()
    .min(0)
    .max(10_000)
    .optional()
    .describe(
      'A stream that stays slower than this over 30 s is given up as if it had stopped. Default: a tenth of what the target usually does, once that is known; 0 turns it off.',
    ),
});

/** How failures are noticed, kept away from callers, and not made worse. */
export const failoverSection = modelFailoverSection.extend({
  breaker: z
    .strictObject({
      consecutive_failures: z
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(5)
        .describe('Failures in a row that open the circuit.'),
      failure_share: share.default(0.2).describe('Share of failures in the window that opens the circuit.'),
      min_requests: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .default(20)
        .describe('Fewer say nothing about a share.'),
      window_ms: milliseconds.default(30_000).describe('Span over which the share of failures is taken.'),
      open_ms: milliseconds
        .default(5_000)
        .describe('First time that a target is left alone; doubles each time.'),
      open_max_ms: milliseconds
        .default(120_000)
        .describe(
          'Longest; a target that fails at once, which costs nobody any time, and that many ask for, is tried after 30 s.',
        ),
      close_after_successes: z
        .number()
        .int()
        .min(1)
        .max(100)
        .default(3)
        .describe('Probes that must succeed in a row.'),
      ramp_ms: milliseconds
        .default(30_000)
        .describe('How long the share of calls grows from a tenth to all.'),
    })
    .prefault({})
    .describe('The circuit breaker of each target and key.'),
  retry_budget: z
    .strictObject({
      share: share
        .default(0.2)
        .describe('Repetitions and hedges, as a share of all requests of the last 10 s.'),
      minimum: z.number().int().min(0).max(10_000).default(3).describe('As many are always allowed in 10 s.'),
    })
    .prefault({})
    .describe('What keeps retries from making an outage worse, for each target and for all together.'),
  concurrency: z
    .union([
      z.literal(false),
      z.strictObject({
        min: z.number().int().min(1).max(100_000).default(64),
        max: z.number().int().min(1).max(100_000).default(10_000),
      }),
    ])
    .prefault({})
    .describe(
      'Adaptive limit of calls at once for each target, learned from its time to the first token; false: none.',
    ),
  probes: z
    .union([
      z.literal(false),
      z.strictObject({
        every_ms: milliseconds.default(60_000).describe('A target without traffic for as long is checked.'),
        timeout_ms: milliseconds.default(10_000).describe('How long a check may take.'),
        failures_down: z
          .number()
          .int()
          .min(1)
          .max(100)
          .default(3)
          .describe('Failures in a row that make it down.'),
        retry_ms: milliseconds.default(300_000).describe('How often a target that is down is checked.'),
      }),
    ])
    .prefault({})
    .describe('Cheap requests, one token long, that find out whether idle targets work; false: none.'),
  client_keep_alive_ms: milliseconds
    .default(15_000)
    .describe(
      'A stream that has nothing to tell for as long gets a comment, so that nobody between closes the connection.',
    ),
});
