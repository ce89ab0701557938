import type { CheckedInput } from './schema.ts';
import {
  DEFAULT_MODEL_FAILOVER,
  type FailoverConfig,
  type HedgeConfig,
  type ModelFailover,
} from './config.ts';

type FailoverInput = CheckedInput['failover'];
type ModelFailoverInput = NonNullable<CheckedInput['models'][string]['failover']>;

/** The section `failover` with its defaults. */
export function resolveFailover(input: FailoverInput): FailoverConfig {
  const { breaker, retry_budget: budget, concurrency, probes } = input;
  return {
    ...resolveModelFailover(input, DEFAULT_MODEL_FAILOVER),
    breaker: {
      consecutiveFailures: breaker.consecutive_failures,
      failureShare: breaker.failure_share,
      minRequests: breaker.min_requests,
      windowMs: breaker.window_ms,
      openMs: breaker.open_ms,
      openMaxMs: Math.max(breaker.open_ms, breaker.open_max_ms),
      closeAfterSuccesses: breaker.close_after_successes,
      rampMs: breaker.ramp_ms,
    },
    retryBudget: { share: budget.share, minimum: budget.minimum },
    concurrency:
      concurrency === false
        ? null
        : { min: Math.min(concurrency.min, concurrency.max), max: concurrency.max },
    probes:
      probes === false
        ? null
        : {
            everyMs: probes.every_ms,
            timeoutMs: probes.timeout_ms,
            failuresDown: probes.failures_down,
            retryMs: probes.retry_ms,
          },
    clientKeepAliveMs: input.client_keep_alive_ms,
  };
}

/** What one model says, completed by what is said for all. */
export function resolveModelFailover(
  input: ModelFailoverInput | undefined,
  defaults: ModelFailover,
): ModelFailover {
  if (input === undefined) return defaults;
  return {
    resume: input.resume ?? defaults.resume,
    spareShare: input.spare_share ?? defaults.spareShare,
    hedge: input.hedge === undefined ? defaults.hedge : hedgeOf(input.hedge),
    keepAnswersS: input.keep_answers_s ?? defaults.keepAnswersS,
    minTokensPerSecond: input.min_tokens_per_second ?? defaults.minTokensPerSecond,
  };
}

function hedgeOf(input: NonNullable<ModelFailoverInput['hedge']>): HedgeConfig | null {
  if (input === false) return null;
  return { afterMs: input.after_ms ?? null, tools: input.tools, maxCostUsd: input.max_cost_usd };
}
