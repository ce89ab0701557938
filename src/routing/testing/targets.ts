import { DEFAULT_MODEL_FAILOVER, DEFAULT_TIMEOUTS } from '../../config/config.ts';
import type { Attempt, AttemptOutcome } from '../../spec/attempt.ts';
import type { ErrorKind } from '../../spec/error.ts';
import { UNKNOWN_CAPABILITIES } from '../../spec/model.ts';
import { NO_QUIRKS } from '../../spec/provider.ts';
import { undemandingFacts, type RequestFacts } from '../facts.ts';
import type { Plan } from '../plan.ts';
import { learnedWaits, timeoutsFor, type Target } from '../target.ts';

/** A target for tests: `provider/model` and whatever is special about it. */
export function testTarget(address: string, special: Partial<Target> = {}): Target {
  const slash = address.indexOf('/');
  return {
    address,
    provider: address.slice(0, slash),
    model: address.slice(slash + 1),
    protocol: 'wire',
    capabilities: UNKNOWN_CAPABILITIES,
    quirks: NO_QUIRKS,
    price: null,
    keyCount: 1,
    weight: 1,
    servedModel: 'model',
    timeouts: timeoutsFor(DEFAULT_TIMEOUTS, UNKNOWN_CAPABILITIES),
    learns: learnedWaits(DEFAULT_TIMEOUTS),
    strict: false,
    ...special,
  };
}

/** A target with a price in picodollars per token of input and output. */
export function pricedTarget(address: string, input: number, output: number): Target {
  return testTarget(address, { price: { rates: { input, output }, tiers: [], validFrom: '2026-01-01' } });
}

/** A failed attempt in the log. */
export function failedAttempt(
  target: string,
  kind: ErrorKind,
  special: Partial<Omit<Attempt, 'outcome'>> & Partial<Extract<AttemptOutcome, { type: 'failed' }>> = {},
): Attempt {
  const { committed = false, status = null, retryAfterMs = null, message = 'failed', ...rest } = special;
  const slash = target.indexOf('/');
  return {
    number: 1,
    target,
    provider: target.slice(0, slash),
    model: target.slice(slash + 1),
    keyIndex: 0,
    purpose: 'first',
    resume: null,
    startedAtMs: 1_000,
    headMs: null,
    firstTokenMs: null,
    durationMs: 10,
    usage: null,
    costNanodollars: null,
    upstreamRequestId: null,
    warnings: [],
    ...rest,
    outcome: { type: 'failed', kind, message, status, retryAfterMs, committed },
  };
}

/** A plan over these targets with a far deadline. */
export function testPlan(candidates: readonly Target[], special: Partial<Plan> = {}): Plan {
  return {
    candidates,
    skipped: [],
    reason: 'first in order',
    attemptsMax: 8,
    deadlineAtMs: 1e12,
    failover: DEFAULT_MODEL_FAILOVER,
    ...special,
  };
}

/** A request that needs nothing special. */
export const PLAIN_FACTS: RequestFacts = { ...undemandingFacts('wire'), inputTokens: 10 };
