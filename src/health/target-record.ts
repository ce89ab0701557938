import type { BreakerConfig } from '../config/config.ts';
import { assert } from '../base/assert.ts';
import { ruleOf } from '../spec/error.ts';
import type { CallResult } from '../spec/health.ts';
import { isShut, stepped, type CallRole, type CircuitEvent } from './breaker.ts';
import { ConcurrencyLimit } from './concurrency.ts';
import { wallMs, type HealthContext } from './health-context.ts';
import { KeyRecord, type ProviderKeys } from './key-record.ts';
import { Latency } from './latency.ts';
import { isParking, parkedAfterSuccess, parkedBy } from './parking.ts';
import { RetryBudget } from './retry-budget.ts';

type Failed = Extract<CallResult, { type: 'failed' }>;

/** Longest text of a provider that is kept as the last error. */
const ERROR_LENGTH_MAX = 300;
/** Checks in a row that make a target down where the configuration names no number (HAProxy's `fall`: 3). */
const FAILURES_DOWN = 3;

/** What a call under way was when it began, for the circuit that hears of its end. */
export interface Begun {
  readonly key: KeyRecord;
  readonly beganMs: number;
  readonly epoch: number;
  /** Whether it took the probe slot of a half-open circuit. */
  readonly probe: boolean;
}

/** All that is remembered of one target. Times are of the monotonic clock unless they are named otherwise. */
export class TargetRecord {
  readonly target: string;
  readonly providerKeys: ProviderKeys;
  /** By key index; null where no call was made under it. */
  readonly keys: (KeyRecord | null)[] = [];
  readonly budget: RetryBudget;
  /** Made with the first answer. */
  latency: Latency | null = null;
  /** Null where there is none. */
  limit: ConcurrencyLimit | null;
  inFlight = 0;
  lastUsedMs = 0;
  prefill: boolean | null = null;
  /** Whether the configuration names it; if not, a caller did. */
  configured: boolean;
  /** No longer in the configuration; to be dropped when its last call has ended. */
  retired = false;
  consecutiveFailures = 0;
  lastError: string | null = null;
  /** Wall clock. */
  lastCheckAtMs: number | null = null;
  /** Since when it is down; null where it is not. */
  downSinceMs: number | null = null;
  #checksFailed = 0;
  readonly #context: HealthContext;

  constructor(target: string, configured: boolean, providerKeys: ProviderKeys, context: HealthContext) {
    this.target = target;
    this.configured = configured;
    this.providerKeys = providerKeys;
    this.#context = context;
    this.budget = new RetryBudget(context.config.retryBudget);
    const { concurrency } = context.config;
    this.limit = concurrency === null ? null : new ConcurrencyLimit(concurrency);
  }

  /** The settings of its circuits. */
  get breaker(): BreakerConfig {
    return this.#context.config.breaker;
  }

  /** A call begins under this key. */
  begin(keyIndex: number, nowMs: number): Begun {
    const key = this.#key(keyIndex);
    this.inFlight += 1;
    this.lastUsedMs = nowMs;
    // A closed circuit has nothing to learn from a beginning: the path of nearly every call.
    const probe =
      key.circuit.type !== 'closed' &&
      this.#step(key, { type: 'begun', atMs: nowMs, passedBy: key.passedBy }) &&
      key.circuit.type === 'half-open';
    return { key, beganMs: nowMs, epoch: key.circuit.epoch, probe };
  }

  /** First content came after `ms`. */
  firstToken(begun: Begun, ms: number, nowMs: number): void {
    this.lastCheckAtMs = this.#context.clock.nowMs();
    this.latency ??= new Latency(nowMs);
    this.latency.firstToken(ms, nowMs);
    this.limit?.firstToken(ms, this.inFlight, nowMs);
    if (begun.probe) this.#succeeded(begun, 'probe', nowMs);
  }

  /** An answer that was not streamed took so long. */
  answeredWhole(ms: number, nowMs: number): void {
    this.latency ??= new Latency(nowMs);
    this.latency.answered(ms, nowMs);
  }

  /** A call ended; `spoke`: its first content was told before. */
  ended(begun: Begun, result: CallResult, spoke: boolean, nowMs: number): void {
    this.inFlight -= 1;
    this.lastUsedMs = nowMs;
    const role = !begun.probe ? 'ordinary' : spoke ? 'spoke' : 'probe';
    switch (result.type) {
      case 'answered':
        this.#succeeded(begun, role, nowMs);
        this.#unpark(begun.key, begun.beganMs, nowMs);
        this.lastCheckAtMs = this.#context.clock.nowMs();
        return;
      case 'failed':
        this.#failed(begun, result, role, nowMs);
        return;
      case 'abandoned':
        this.#step(begun.key, { type: 'released', epoch: begun.epoch, role });
    }
  }

  /** The health monitor checked it under this key. */
  checked(keyIndex: number, result: CallResult, nowMs: number): void {
    if (result.type === 'abandoned') return;
    const key = this.#key(keyIndex);
    this.lastCheckAtMs = this.#context.clock.nowMs();
    if (result.type === 'answered') {
      this.#step(key, { type: 'check-passed', atMs: nowMs });
      this.#unpark(key, nowMs, nowMs);
      this.#back(nowMs);
      return;
    }
    this.lastError = errorText(result);
    this.#park(key, result, nowMs, nowMs);
    if (!ruleOf(result.kind).hurts) return;
    this.#checksFailed += 1;
    this.consecutiveFailures += 1;
    const { epoch } = key.circuit;
    const fast = result.kind !== 'upstream_timeout';
    const blow = { atMs: nowMs, chance: this.#chance(), fast };
    this.#step(key, { type: 'failed', epoch, role: 'ordinary', ...blow });
    if (this.#checksFailed >= (this.#context.config.probes?.failuresDown ?? FAILURES_DOWN)) {
      // No key has answered since the first of these checks, so all of them are tried before they are used.
      for (const each of this.keys)
        if (each !== null) this.#step(each, { type: 'condemned', atMs: nowMs, chance: this.#chance() });
      this.#down(nowMs);
    } else this.#downIfAllOpen(nowMs);
  }

  /** The settings of the context have changed. */
  adopt(): void {
    const { concurrency, retryBudget } = this.#context.config;
    this.budget.adopt(retryBudget);
    if (concurrency === null) this.limit = null;
    else if (this.limit === null) this.limit = new ConcurrencyLimit(concurrency);
    else this.limit.adopt(concurrency);
  }

  /** Its provider is another one now: circuits and parkings say nothing any more, nor do calls that are under way. */
  forgetKeys(): void {
    this.keys.length = 0;
    this.#checksFailed = 0;
  }

  #key(keyIndex: number): KeyRecord {
    const known = this.keys[keyIndex];
    if (known !== undefined && known !== null) return known;
    assert(Number.isInteger(keyIndex) && keyIndex >= 0, 'the index of a key is a whole number from 0');
    const key = new KeyRecord(keyIndex);
    while (this.keys.length <= keyIndex) this.keys.push(null);
    this.keys[keyIndex] = key;
    return key;
  }

  #succeeded({ key, epoch }: Begun, role: CallRole, nowMs: number): void {
    if (!this.#step(key, { type: 'succeeded', atMs: nowMs, epoch, role })) return;
    if (key.circuit.type !== 'half-open') this.#back(nowMs);
  }

  #failed({ key, epoch, beganMs }: Begun, result: Failed, role: CallRole, nowMs: number): void {
    const rule = ruleOf(result.kind);
    if (rule.hurts || rule.parks !== 'nothing') {
      this.lastError = errorText(result);
      this.lastCheckAtMs = this.#context.clock.nowMs();
    }
    this.#park(key, result, beganMs, nowMs);
    if (!rule.hurts) {
      this.#step(key, { type: 'released', epoch, role });
      return;
    }
    const fast = result.kind !== 'upstream_timeout';
    const blow = { atMs: nowMs, chance: this.#chance(), fast };
    if (!this.#step(key, { type: 'failed', epoch, role, ...blow })) return;
    this.consecutiveFailures += 1;
    this.#downIfAllOpen(nowMs);
  }

  #park(key: KeyRecord, result: Failed, begunMs: number, atMs: number): void {
    const { kind, retryAfterMs } = result;
    if (!isParking(kind) || !this.#holds(key)) return;
    const failure = { kind, retryAfterMs, begunMs, atMs };
    // A model that a caller made up may be refused without anything being wrong with the key.
    const ofTarget =
      ruleOf(kind).parks === 'target' || (kind === 'upstream_misconfigured' && !this.configured);
    if (ofTarget) key.parked = parkedBy(key.parked, failure);
    else this.providerKeys.park(key.index, parkedBy(this.providerKeys.parked(key.index), failure));
  }

  #unpark(key: KeyRecord, begunMs: number, atMs: number): void {
    if (!this.#holds(key)) return;
    key.parked = parkedAfterSuccess(key.parked, begunMs, atMs);
    const parked = this.providerKeys.parked(key.index);
    if (parked !== null) this.providerKeys.park(key.index, parkedAfterSuccess(parked, begunMs, atMs));
  }

  // False for a call that began before the provider was another one.
  #holds(key: KeyRecord): boolean {
    return this.keys[key.index] === key;
  }

  // Whether the event changed, or counted for, anything.
  #step(key: KeyRecord, event: CircuitEvent): boolean {
    if (!this.#holds(key)) return false;
    const before = key.circuit;
    const after = stepped(before, event, this.breaker);
    if (after === before) return false;
    key.circuit = after;
    if (after.type === 'open' && before.type !== 'open') key.passedBy = 0;
    if (after.type !== before.type)
      this.#context.publish({
        type: 'circuit-changed',
        atMs: this.#context.clock.nowMs(),
        target: this.target,
        keyIndex: key.index,
        from: before.type,
        to: after.type,
        reason: after.reason,
      });
    return true;
  }

  #chance(): number {
    return this.#context.random.next();
  }

  #downIfAllOpen(nowMs: number): void {
    if (this.keys.every((key) => key === null || isShut(key.circuit))) this.#down(nowMs);
  }

  #down(nowMs: number): void {
    if (this.downSinceMs !== null) return;
    this.downSinceMs = nowMs;
    this.#context.publish({
      type: 'target-down',
      atMs: this.#context.clock.nowMs(),
      target: this.target,
      consecutiveFailures: this.consecutiveFailures,
      lastError: this.lastError ?? '',
    });
  }

  #back(nowMs: number): void {
    this.consecutiveFailures = 0;
    this.#checksFailed = 0;
    if (this.downSinceMs === null) return;
    const downMs = Math.round(nowMs - this.downSinceMs);
    this.downSinceMs = null;
    this.#context.publish({
      type: 'target-recovered',
      atMs: this.#context.clock.nowMs(),
      target: this.target,
      downMs,
    });
  }

  /** A moment as the wall clock shows it. */
  wall(monotonicMs: number): number {
    return wallMs(this.#context.clock, monotonicMs);
  }
}

function errorText({ kind, message }: Failed): string {
  return `${kind}: ${message}`.slice(0, ERROR_LENGTH_MAX);
}
