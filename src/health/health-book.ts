import type { FailoverConfig } from '../config/config.ts';
import type { AttemptPurpose } from '../spec/attempt.ts';
import type { GatewayEvent } from '../spec/event.ts';
import {
  READY,
  type Baseline,
  type CallResult,
  type HealthCall,
  type Priority,
  type Standing,
  type TargetHealth,
  type TargetReport,
} from '../spec/health.ts';
import type { Clock, Random } from '../spec/ports.ts';
import { startLimit } from './concurrency.ts';
import { CallUnderWay } from './health-call.ts';
import { wallMs, type HealthContext } from './health-context.ts';
import { ProviderKeys } from './key-record.ts';
import { isTold, parkedUntil } from './parking.ts';
import { reportOf, unseenReport } from './report.ts';
import { RetryBudget } from './retry-budget.ts';
import { isForced, standingOf } from './standing.ts';
import { TargetRecord } from './target-record.ts';

/** Most targets that are remembered; callers may name any model of a provider, so the number needs a bound. */
const ENTRIES_MAX = 10_000;

/** What the memory needs. */
export interface HealthBookOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly config: FailoverConfig;
  /** Hears of circuits that change and of targets that go down and come back. It must not throw. */
  readonly publish: (event: GatewayEvent) => void;
  /** Most targets that are remembered, of those that no configuration names; default 10,000. */
  readonly entriesMax?: number;
}

/**
 * The memory of how targets are doing: circuit breakers, rate limits, speed, concurrency and retry budgets of every target, one
 * map look-up away. It is told of calls and makes none, keeps everything in memory on the monotonic clock, and sets no timer:
 * what time changes is worked out when somebody asks. Moments that it tells are of the wall clock.
 */
export class HealthBook implements TargetHealth {
  readonly #context: HealthContext;
  readonly #entriesMax: number;
  readonly #records = new Map<string, TargetRecord>();
  readonly #providers = new Map<string, ProviderKeys>();
  #configured: ReadonlySet<string> = new Set();

  constructor({ clock, random, config, publish, entriesMax = ENTRIES_MAX }: HealthBookOptions) {
    this.#context = { clock, random, publish, config, budget: new RetryBudget(config.retryBudget) };
    this.#entriesMax = entriesMax;
  }

  /** Number of targets that are remembered. */
  get size(): number {
    return this.#records.size;
  }

  standing(target: string, keyIndex: number, priority: Priority): Standing {
    const record = this.#records.get(target);
    if (record === undefined) return this.#unseenStanding(target, keyIndex);
    return standingOf(record, keyIndex, priority, this.#context.clock.monotonicMs());
  }

  mayRetry(target: string): boolean {
    const nowMs = this.#context.clock.monotonicMs();
    if (!this.#context.budget.allows(nowMs)) return false;
    const record = this.#records.get(target);
    return record === undefined ? this.#context.config.retryBudget.minimum >= 1 : record.budget.allows(nowMs);
  }

  begin(target: string, keyIndex: number, purpose: AttemptPurpose): HealthCall {
    const { clock, budget } = this.#context;
    const nowMs = clock.monotonicMs();
    const record = this.#recordOf(target, nowMs);
    const again = purpose === 'repeat' || purpose === 'hedge';
    if (again || (purpose !== 'first' && isForced(record, keyIndex, nowMs))) {
      budget.repeated(nowMs);
      record.budget.repeated(nowMs);
    } else {
      budget.requested(nowMs);
      record.budget.requested(nowMs);
    }
    return new CallUnderWay(record, record.begin(keyIndex, nowMs), clock);
  }

  baseline(target: string): Baseline | null {
    return this.#records.get(target)?.latency?.baseline() ?? null;
  }

  prefill(target: string): boolean | null {
    return this.#records.get(target)?.prefill ?? null;
  }

  learnPrefill(target: string, accepted: boolean): void {
    this.#recordOf(target, this.#context.clock.monotonicMs()).prefill = accepted;
  }

  /**
   * The health monitor checked a target under a key. A passing check lets an open circuit recover; failing ones, as many in a
   * row as `probes.failures_down` says, make the target down. Only failures that hurt count; what it came to teaches nothing
   * about speed, for a check is not like a caller's request.
   */
  probed(target: string, keyIndex: number, result: CallResult): void {
    const nowMs = this.#context.clock.monotonicMs();
    this.#recordOf(target, nowMs).checked(keyIndex, result, nowMs);
  }

  /** Whether it is down: told by a `target-down` event and not yet by `target-recovered`. */
  down(target: string): boolean {
    const downSinceMs = this.#records.get(target)?.downSinceMs ?? null;
    return downSinceMs !== null;
  }

  /**
   * What a call there is to be feared to take, for strategies that look for the quickest: the peak-EWMA of its time to the
   * first token, in milliseconds, times the calls under way and one more; 0 where nothing is known.
   */
  cost(target: string): number {
    const record = this.#records.get(target);
    if (record === undefined || record.latency === null) return 0;
    return record.latency.costMs(this.#context.clock.monotonicMs()) * (record.inFlight + 1);
  }

  /** How these targets are seen, in their order; also ones that no call was made to. */
  report(targets: readonly string[]): readonly TargetReport[] {
    const { clock, config } = this.#context;
    const nowMs = clock.monotonicMs();
    const { concurrency } = config;
    const unseenLimit = concurrency === null ? null : startLimit(concurrency);
    return targets.map((target) => {
      const record = this.#records.get(target);
      return record === undefined ? unseenReport(target, unseenLimit) : reportOf(record, nowMs);
    });
  }

  /**
   * Another configuration applies from now on, with these targets (`provider/upstream-model`). What is known of targets that it
   * names still stays; what it names no more is dropped, at the latest by the next call of this after its last call ended.
   * `changedProviders` are those that other settings or keys apply to: their circuits and parkings are forgotten.
   */
  adopt(config: FailoverConfig, targets: readonly string[], changedProviders: readonly string[] = []): void {
    const configured = new Set(targets);
    const changed = new Set(changedProviders);
    this.#context.config = config;
    this.#context.budget.adopt(config.retryBudget);
    for (const provider of changed) this.#providers.get(provider)?.forget();
    for (const [target, record] of this.#records) {
      record.retired = !configured.has(target) && (record.configured || record.retired);
      record.configured = configured.has(target);
      if (record.retired && record.inFlight === 0) this.#records.delete(target);
      record.adopt();
      if (changed.has(record.providerKeys.provider)) record.forgetKeys();
    }
    this.#configured = configured;
    this.#forgetProviders();
  }

  // The record is unknown, but the key may be parked by another model of the provider.
  #unseenStanding(target: string, keyIndex: number): Standing {
    if (this.#providers.size === 0) return READY;
    const parked = this.#providers.get(providerOf(target))?.parked(keyIndex) ?? null;
    const { clock } = this.#context;
    if (parked === null || parkedUntil(parked) <= clock.monotonicMs()) return READY;
    return { type: 'parked', untilMs: wallMs(clock, parkedUntil(parked)), told: isTold(parked) };
  }

  #recordOf(target: string, nowMs: number): TargetRecord {
    const known = this.#records.get(target);
    if (known !== undefined) return known;
    if (this.#records.size >= this.#entriesMax) this.#dropIdle();
    const name = providerOf(target);
    let provider = this.#providers.get(name);
    if (provider === undefined) {
      provider = new ProviderKeys(name);
      this.#providers.set(name, provider);
    }
    const record = new TargetRecord(target, this.#configured.has(target), provider, this.#context);
    record.lastUsedMs = nowMs;
    this.#records.set(target, record);
    return record;
  }

  // Drops those that were idle longest, a tenth at once, so that the search for them is rare.
  #dropIdle(): void {
    const idle = [...this.#records.values()].filter((record) => record.inFlight === 0 && !record.configured);
    idle.sort((a, b) => a.lastUsedMs - b.lastUsedMs);
    for (const record of idle.slice(0, Math.max(1, Math.floor(this.#entriesMax / 10))))
      this.#records.delete(record.target);
    this.#forgetProviders();
  }

  // Providers without a target, unless a key of theirs is to be left alone.
  #forgetProviders(): void {
    const nowMs = this.#context.clock.monotonicMs();
    const used = new Set([...this.#records.values()].map((record) => record.providerKeys.provider));
    for (const [name, keys] of this.#providers)
      if (!used.has(name) && !keys.parksAny(nowMs)) this.#providers.delete(name);
  }
}

function providerOf(target: string): string {
  const slash = target.indexOf('/');
  return slash === -1 ? target : target.slice(0, slash);
}
