import type { DrillReport } from '../spec/drill.ts';
import { ruleOf } from '../spec/error.ts';
import type { CircuitChanged, RequestFinished } from '../spec/event.ts';
import { addedLatency } from './added-latency.ts';
import { LatencyTally } from './latency-tally.ts';
import { verdict } from './verdict.ts';

/** Changes of circuits that are kept; the others are counted. */
const CIRCUITS_KEPT = 100;

/** How a request ended that met a fault. */
export type MetOutcome = 'failedOver' | 'resumed' | 'recovered' | 'lost' | 'unavoidable' | 'left';

/** What a request that met a fault came to. `spare`: whether a target at a provider without a drill existed. */
export function metOutcome(
  { error, status, attempts, target }: RequestFinished,
  provider: string,
  spare: boolean,
): MetOutcome {
  if (status === LEFT) return 'left';
  // Whoever is told that its own request is wrong (too long, refused for its content) is not served better elsewhere.
  if (error !== null) return spare && !ruleOf(error.kind).tellsProviderText ? 'lost' : 'unavoidable';
  const brokeOff = attempts.some(({ outcome }) => outcome.type === 'failed' && outcome.committed);
  if (brokeOff) return 'resumed';
  return target !== null && target.startsWith(`${provider}/`) ? 'recovered' : 'failedOver';
}

/** The status of requests whose client went away. */
const LEFT = 499;

/** Adds up what comes of a drill. Bounded by the number of targets, not of requests. */
export class DrillTally {
  readonly #provider: string;
  readonly #outcomes: { [outcome in MetOutcome]: number } = {
    failedOver: 0,
    resumed: 0,
    recovered: 0,
    lost: 0,
    unavoidable: 0,
    left: 0,
  };
  readonly #added = new LatencyTally();
  readonly #targets = new Map<string, { answered: number; failed: number }>();
  readonly #circuits: CircuitChanged[] = [];
  #requests = 0;
  #providerCalls = 0;
  #brokenCalls = 0;
  #failedBesides = 0;
  #circuitChanges = 0;

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** A call to the provider. */
  called(broken: boolean): void {
    this.#providerCalls += 1;
    if (broken) this.#brokenCalls += 1;
  }

  /** A request ended that did not meet the fault. */
  passed(finished: RequestFinished): void {
    this.#count(finished);
    if (finished.error !== null && finished.status !== LEFT) this.#failedBesides += 1;
  }

  /** A request ended that met the fault. */
  met(finished: RequestFinished, spare: boolean): void {
    this.#count(finished);
    const outcome = metOutcome(finished, this.#provider, spare);
    this.#outcomes[outcome] += 1;
    if (finished.error === null && outcome !== 'left') this.#added.add(addedLatency(finished.attempts));
  }

  circuit(change: CircuitChanged): void {
    this.#circuitChanges += 1;
    if (this.#circuits.length < CIRCUITS_KEPT) this.#circuits.push(change);
  }

  /** What has come of it so far, with so many requests that met the fault and have not ended. */
  report(underWay: number): DrillReport {
    const outcomes = { ...this.#outcomes };
    const counts = {
      ...outcomes,
      requests: this.#requests,
      providerCalls: this.#providerCalls,
      brokenCalls: this.#brokenCalls,
      met: Object.values(outcomes).reduce((sum, count) => sum + count, 0),
      underWay,
      failedBesides: this.#failedBesides,
      addedMs: this.#added.summary(),
      targets: [...this.#targets].map(([target, { answered, failed }]) => ({ target, answered, failed })),
      circuits: [...this.#circuits],
      circuitChanges: this.#circuitChanges,
    };
    return { ...counts, verdict: verdict(counts) };
  }

  #count({ attempts }: RequestFinished): void {
    this.#requests += 1;
    for (const { target, outcome } of attempts) {
      const counted = this.#targets.get(target) ?? { answered: 0, failed: 0 };
      this.#targets.set(target, counted);
      counted[outcome.type] += 1;
    }
  }
}
