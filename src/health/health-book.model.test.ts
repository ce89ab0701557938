import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailoverConfig } from '../config/config.ts';
import type { HealthCall } from '../spec/health.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { HealthBook } from './health-book.ts';
import { answered, failed, FAILOVER } from './testing/fixture.ts';

const TARGET = 'alpha/model-a';

/** Failures in a row alone open it, so that the model needs no window; no jitter, so that it needs no chance. */
const CONFIG: FailoverConfig = {
  ...FAILOVER,
  concurrency: null,
  breaker: { ...FAILOVER.breaker, minRequests: 100_000, consecutiveFailures: 3, closeAfterSuccesses: 2 },
};

/** A call of the model: what it was for, in words. */
interface ModelCall {
  readonly role: 'ordinary' | 'probe' | 'ignored';
  /** Number of the period of calm, or of trouble, in which it began. */
  readonly period: number;
  spoke: boolean;
  over: boolean;
}

/** The slow and obvious one: one target, one key. A period is the time between two changes of mind. */
class ModelCircuit {
  mind: 'trusts' | 'avoids' | 'tries' = 'trusts';
  period = 0;
  failuresInARow = 0;
  successesOfProbes = 0;
  trips = 0;
  avoidsUntilMs = 0;
  /** From when it is tried where enough have asked in vain. */
  avoidsLeastUntilMs = 0;
  askedInVain = 0;
  trustsSinceMs = -1e15;
  rampFromMs = -1e15;
  readonly calls: ModelCall[] = [];

  get probesUnderWay(): number {
    return this.calls.filter(
      (call) => call.role === 'probe' && call.period === this.period && !call.spoke && !call.over,
    ).length;
  }

  standing(nowMs: number): string {
    if (this.mind === 'avoids') {
      const untilMs = this.askedInVain < 20 ? this.avoidsUntilMs : this.avoidsLeastUntilMs;
      return nowMs >= untilMs ? 'probe' : 'open';
    }
    if (this.mind === 'tries') return this.probesUnderWay === 0 ? 'probe' : 'open';
    const share = Math.min(1, 0.1 + (0.9 * (nowMs - this.rampFromMs)) / CONFIG.breaker.rampMs);
    return `ready ${share.toFixed(6)}`;
  }

  begin(nowMs: number): ModelCall {
    const isProbe = this.standing(nowMs) === 'probe';
    if (isProbe && this.mind === 'avoids') {
      this.#change('tries');
      this.successesOfProbes = 0;
    }
    const role = isProbe ? 'probe' : this.mind === 'trusts' ? 'ordinary' : 'ignored';
    const call: ModelCall = { role, period: this.period, spoke: false, over: false };
    this.calls.push(call);
    return call;
  }

  good(call: ModelCall, nowMs: number): void {
    if (call.period !== this.period || call.role === 'ignored') return;
    if (call.role === 'ordinary') this.failuresInARow = 0;
    else {
      this.successesOfProbes += 1;
      if (this.successesOfProbes === CONFIG.breaker.closeAfterSuccesses) this.trust(nowMs);
    }
  }

  trust(nowMs: number): void {
    this.#change('trusts');
    this.failuresInARow = 0;
    this.trustsSinceMs = nowMs;
    this.rampFromMs = nowMs;
  }

  bad(call: ModelCall, nowMs: number): void {
    const lateProbe = call.role === 'probe' && this.mind === 'trusts' && call.period === this.period - 1;
    if (call.role === 'ignored' || (call.period !== this.period && !lateProbe)) return;
    if (this.mind === 'tries' && call.spoke && this.probesUnderWay > 0) this.successesOfProbes = 0;
    else if (this.mind === 'tries') this.avoid(nowMs, this.trips + 1);
    else {
      this.failuresInARow += 1;
      const calm = nowMs - this.trustsSinceMs >= CONFIG.breaker.openMaxMs;
      if (this.failuresInARow === CONFIG.breaker.consecutiveFailures)
        this.avoid(nowMs, calm ? 1 : this.trips + 1);
    }
  }

  avoid(nowMs: number, trips: number): void {
    this.#change('avoids');
    this.trips = trips;
    const { openMs, openMaxMs } = CONFIG.breaker;
    this.avoidsUntilMs = nowMs + Math.min(openMaxMs, openMs * 2 ** (trips - 1));
    // All failures of this model are fast ones.
    this.avoidsLeastUntilMs = Math.min(this.avoidsUntilMs, nowMs + 30_000);
    this.askedInVain = 0;
  }

  #change(mind: ModelCircuit['mind']): void {
    this.mind = mind;
    this.period += 1;
  }
}

interface Real {
  readonly book: HealthBook;
  readonly clock: VirtualClock;
  readonly calls: HealthCall[];
  /** Calls that began as probes, and neither spoke nor ended. */
  readonly probes: Set<number>;
}

type Step = fc.Command<ModelCircuit, Real>;

function shown(real: Real): string {
  const standing = real.book.standing(TARGET, 0, 'high');
  return standing.type === 'ready' ? `ready ${standing.share.toFixed(6)}` : standing.type;
}

function agree(model: ModelCircuit, real: Real): void {
  const standing = model.standing(real.clock.monotonicMs());
  expect(shown(real)).toBe(standing);
  if (standing === 'open') model.askedInVain += 1;
  expect(real.probes.size).toBeLessThanOrEqual(1);
}

class Pass implements Step {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check(): boolean {
    return true;
  }
  run(model: ModelCircuit, real: Real): void {
    real.clock.advanceAtOnce(this.ms);
    agree(model, real);
  }
  toString(): string {
    return `pass(${this.ms})`;
  }
}

class Begin implements Step {
  check(): boolean {
    return true;
  }
  run(model: ModelCircuit, real: Real): void {
    agree(model, real);
    if (model.standing(real.clock.monotonicMs()) === 'probe') real.probes.add(real.calls.length);
    real.calls.push(real.book.begin(TARGET, 0, 'first'));
    model.begin(real.clock.monotonicMs());
    agree(model, real);
  }
  toString(): string {
    return 'begin';
  }
}

const ENDS = {
  answers: answered(),
  fails: failed('upstream_unavailable'),
  'is abandoned': { type: 'abandoned' },
  'is the fault of the caller': failed('invalid_request'),
  speaks: null,
} as const;

class End implements Step {
  readonly how: keyof typeof ENDS;
  readonly which: number;
  constructor(how: keyof typeof ENDS, which: number) {
    this.how = how;
    this.which = which;
  }
  check(model: Readonly<ModelCircuit>): boolean {
    return model.calls.some((call) => !call.over);
  }
  run(model: ModelCircuit, real: Real): void {
    const open = model.calls.flatMap((call, index) => (call.over ? [] : [index]));
    const index = open[this.which % open.length]!;
    const call = model.calls[index]!;
    const nowMs = real.clock.monotonicMs();
    real.probes.delete(index);
    const result = ENDS[this.how];
    if (result === null) {
      real.calls[index]!.firstToken(250);
      if (call.role === 'probe' && !call.spoke) model.good(call, nowMs);
      call.spoke = true;
    } else {
      real.calls[index]!.end(result);
      real.calls[index]!.end(failed('upstream_unavailable'));
      call.over = true;
      if (this.how === 'answers' && !(call.role === 'probe' && call.spoke)) model.good(call, nowMs);
      if (this.how === 'fails') model.bad(call, nowMs);
    }
    agree(model, real);
  }
  toString(): string {
    return `call ${this.which} ${this.how}`;
  }
}

class Check implements Step {
  check(): boolean {
    return true;
  }
  run(model: ModelCircuit, real: Real): void {
    real.book.probed(TARGET, 0, answered());
    real.probes.clear();
    if (model.mind === 'trusts') model.failuresInARow = 0;
    else model.trust(real.clock.monotonicMs());
    agree(model, real);
  }
  toString(): string {
    return 'a check passes';
  }
}

describe('the circuit of a target, beside a slow and obvious model', () => {
  it('stands the same after every step, and never has two probes', () => {
    const how = fc.constantFrom<(keyof typeof ENDS)[]>(
      'answers',
      'answers',
      'fails',
      'fails',
      'fails',
      'is abandoned',
      'is the fault of the caller',
      'speaks',
    );
    const steps: fc.Arbitrary<Step>[] = [
      fc
        .oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 140_000 }))
        .map((ms) => new Pass(ms)),
      fc.constant(new Begin()),
      fc.constant(new Begin()),
      fc.tuple(how, fc.nat(30)).map(([each, which]) => new End(each, which)),
      fc.tuple(how, fc.nat(30)).map(([each, which]) => new End(each, which)),
    ];
    const rarely = fc.oneof(
      { weight: 40, arbitrary: fc.oneof(...steps) },
      { weight: 1, arbitrary: fc.constant<Step>(new Check()) },
    );
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.commands([rarely], { maxCommands: 200, size: 'max' }), (commands) => {
        const clock = new VirtualClock();
        const book = new HealthBook({
          clock,
          random: { ...seededRandom(1), next: () => 0 },
          config: CONFIG,
          publish: (event) => event.type === 'circuit-changed' && seen.add(`${event.from}>${event.to}`),
        });
        fc.modelRun(
          () => ({ model: new ModelCircuit(), real: { book, clock, calls: [], probes: new Set<number>() } }),
          commands,
        );
      }),
      { numRuns: 250, seed: 20_260_101 },
    );
    // The steps did lead everywhere.
    expect([...seen].sort()).toEqual([
      'closed>open',
      'half-open>open',
      'half-open>recovering',
      'open>half-open',
      'open>recovering',
      'recovering>closed',
      'recovering>open',
    ]);
  });
});
