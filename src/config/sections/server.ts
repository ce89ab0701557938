import { z } from 'zod';
import { milliseconds } from './common.ts';

/** Where the gateway listens and what it accepts. */
export const serverSection = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; `0.0.0.0` for all of IPv4.'),
  port: z.number().int().min(0).max(65_535).default(8484).describe('Port to listen on; 0 takes a free one.'),
  max_body_bytes: z
    .number()
    .int()
    .min(1024)
    .max(1_073_741_824)
    .default(33_554_432)
    .describe('Longest request body; a longer one is refused with 413.'),
  head_timeout_ms: milliseconds
    .default(10_000)
    .describe('How long a client may take to send its request head.'),
  body_timeout_ms: milliseconds
    .default(60_000)
    .describe('How long a client may take to send its whole request.'),
  keep_alive_ms: milliseconds
    .default(65_000)
    .describe('How long an idle connection of a client is kept open.'),
  max_connections: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(20_000)
    .describe('Most connections at once.'),
  drain_delay_ms: z
    .number()
    .int()
    .min(0)
    .max(600_000)
    .optional()
    .describe(
      'After the signal to stop, `/readyz` fails for as long before connections are refused, so that balancers send traffic elsewhere first. Default: 2000 where `bellwether serve` listens beyond its own machine without a terminal, else 0.',
    ),
  drain_ms: milliseconds
    .default(300_000)
    .describe(
      'How long requests under way may take to finish after that; what is left is cut, with an error that says so.',
    ),
  http: z
    .enum(['fast', 'node'])
    .default('fast')
    .describe(
      'Which HTTP server reads requests: `fast` is our own, `node` is the one of Node itself, which takes more processor time and memory.',
    ),
});

/** Where keys and the request log are kept. */
export const storeSection = z.strictObject({
  url: z
    .string()
    .regex(/^(sqlite:.+|memory:)$/, 'must be sqlite:PATH or memory:')
    .default('sqlite:data/bellwether.db')
    .describe('`sqlite:PATH` for the embedded database, `memory:` to keep nothing.'),
  request_log_days: z
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(200)
    .describe('Days that the request log is kept; 0 keeps none. It never holds prompts or answers.'),
});

/** What the gateway tells about itself. */
export const observeSection = z.strictObject({
  log_level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
  access_log: z.boolean().default(true).describe('One log line per request.'),
  metrics: z.enum(['open', 'admin-key', 'off']).default('open').describe('Who may read `/metrics`.'),
});
