import type { QueueConfig } from './config.ts';
import type { Report, ResolveContext } from './resolve-context.ts';
import type { CheckedInput } from './schema.ts';

const DAY_MS = 86_400_000;

/** The section `queue` with its units turned into milliseconds and its secret looked for. */
export function resolveQueue(
  input: CheckedInput['queue'],
  context: Pick<ResolveContext, 'hasSecret'>,
  report: Report,
): QueueConfig {
  const { webhook_secret: secret = null } = input;
  if (secret !== null && !context.hasSecret(secret)) {
    report(['queue', 'webhook_secret'], `there is nothing at ${secret}, or it is empty`);
  }
  return {
    enabled: input.enabled,
    concurrency: input.concurrency,
    waitingMax: input.max_waiting,
    attemptsMax: input.max_attempts,
    retryBaseMs: input.retry_base_ms,
    retryMaxMs: Math.max(input.retry_base_ms, input.retry_max_ms),
    expiresMs: input.expires_s * 1_000,
    leaseMs: input.lease_ms,
    retentionMs: input.retention_days * DAY_MS,
    webhookSecret: secret,
    webhookAllowPrivate: input.webhook_allow_private,
    webhookGiveUpMs: input.webhook_give_up_s * 1_000,
  };
}
