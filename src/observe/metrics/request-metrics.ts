import type { Attempt } from '../../spec/attempt.ts';
import type { RequestFinished } from '../../spec/event.ts';
import { lostRace } from '../lost-race.ts';
import { attemptMetrics } from './attempt-metrics.ts';
import { OTHER, type KnownTarget } from './known-target.ts';
import { TargetMetrics, targetFamilies, type TargetFamilies } from './target-metrics.ts';
import type { BoundCounter, BoundHistogram, Counter, Histogram, MetricRegistry } from './registry.ts';

/**
 * Counts finished requests. Every model keeps the places of its numbers, and so does every target of it: a request that is
 * like one before it looks a few names up and allocates nothing.
 */
export function requestMetrics(
  registry: MetricRegistry,
  knownTarget: KnownTarget,
): (event: RequestFinished) => void {
  const families = requestFamilies(registry);
  const overhead = families.overhead.of();
  const recordAttempt = attemptMetrics(registry);
  const models = new Map<string, ModelMetrics>();
  return (event) => {
    overhead.observe(event.overheadMs / 1_000);
    for (const attempt of event.attempts) recordAttempt(attempt);
    const model = modelLabel(event);
    let metrics = models.get(model);
    if (metrics === undefined) {
      metrics = new ModelMetrics(families, model);
      models.set(model, metrics);
    }
    metrics.record(event, knownTarget);
  };
}

/** Bounds in seconds that cover a cached answer and five minutes of reasoning. */
const LATENCY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300];
const FIRST_TOKEN_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 60];
const OVERHEAD_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1];
const COST_DOLLARS = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

interface RequestFamilies {
  readonly requests: Counter;
  readonly latency: Histogram;
  readonly firstToken: Histogram;
  readonly cost: Histogram;
  readonly unpriced: Counter;
  readonly overhead: Histogram;
  readonly failovers: Counter;
  readonly targets: TargetFamilies;
}

function requestFamilies(registry: MetricRegistry): RequestFamilies {
  return {
    requests: registry.counter(
      { name: 'ai_requests_total', help: 'Requests by model asked for and HTTP status of the answer.' },
      ['model', 'status'],
    ),
    latency: registry.histogram(
      {
        name: 'ai_request_latency_seconds',
        help: 'Time from the start of a request to the end of its answer.',
      },
      LATENCY_SECONDS,
      ['model'],
    ),
    firstToken: registry.histogram(
      {
        name: 'ai_time_to_first_token_seconds',
        help: 'Time from the start of a request to its first content.',
      },
      FIRST_TOKEN_SECONDS,
      ['model'],
    ),
    cost: registry.histogram(
      {
        name: 'ai_request_cost_dollars',
        help: 'Cost of requests over all attempts; the sum is the spend, the count the priced requests.',
      },
      COST_DOLLARS,
      ['model'],
    ),
    unpriced: registry.counter(
      { name: 'ai_requests_unpriced_total', help: 'Requests that used tokens whose cost is not known.' },
      ['model'],
    ),
    overhead: registry.histogram(
      {
        name: 'ai_gateway_overhead_seconds',
        help: 'Time spent in the gateway itself, without waiting for providers.',
      },
      OVERHEAD_SECONDS,
    ),
    targets: targetFamilies(registry),
    failovers: registry.counter(
      {
        name: 'ai_failovers_total',
        help: 'Times that a request went on to another target, by the failure that made it do so.',
      },
      ['from', 'to', 'reason'],
    ),
  };
}

/** The numbers of one model asked for. */
class ModelMetrics {
  readonly #families: RequestFamilies;
  readonly #model: string;
  readonly #latency: BoundHistogram;
  readonly #firstToken: BoundHistogram;
  readonly #cost: BoundHistogram;
  readonly #unpriced: BoundCounter;
  readonly #byStatus = new Map<number, BoundCounter>();
  // Targets of the configuration by their address; those that clients invent by their provider.
  readonly #known = new Map<string, TargetMetrics>();
  readonly #others = new Map<string, TargetMetrics>();

  constructor(families: RequestFamilies, model: string) {
    this.#families = families;
    this.#model = model;
    this.#latency = families.latency.of(model);
    this.#firstToken = families.firstToken.of(model);
    this.#cost = families.cost.of(model);
    this.#unpriced = families.unpriced.of(model);
  }

  record(event: RequestFinished, knownTarget: KnownTarget): void {
    const { attempts, costNanodollars } = event;
    this.#ofStatus(event.status).add(1);
    this.#latency.observe(event.durationMs / 1_000);
    if (event.firstTokenMs !== null) this.#firstToken.observe(event.firstTokenMs / 1_000);
    if (costNanodollars !== null) this.#cost.observe(Number(costNanodollars) / 1e9);
    else if (event.usage !== null) this.#unpriced.add(1);
    let before: Attempt | null = null;
    for (const attempt of attempts) {
      this.#ofTarget(attempt, isKnown(attempt.target, event, knownTarget)).record(attempt);
      if (before?.outcome.type === 'failed' && before.target !== attempt.target && wentOn(attempt)) {
        const from = isKnown(before.target, event, knownTarget) ? before.target : OTHER;
        const to = isKnown(attempt.target, event, knownTarget) ? attempt.target : OTHER;
        this.#families.failovers.add([from, to, before.outcome.kind], 1);
      }
      if (!lostRace(attempt)) before = attempt;
    }
  }

  #ofStatus(status: number): BoundCounter {
    let counter = this.#byStatus.get(status);
    if (counter === undefined) {
      counter = this.#families.requests.of(this.#model, String(status));
      this.#byStatus.set(status, counter);
    }
    return counter;
  }

  #ofTarget({ target, provider, model }: Attempt, known: boolean): TargetMetrics {
    const metrics = known ? this.#known.get(target) : this.#others.get(provider);
    if (metrics !== undefined) return metrics;
    const labels = { model: this.#model, provider, upstreamModel: known ? model : OTHER };
    const made = new TargetMetrics(this.#families.targets, labels);
    if (known) this.#known.set(target, made);
    else this.#others.set(provider, made);
    return made;
  }
}

// Who was asked beside another took nobody's place.
function wentOn({ purpose }: Attempt): boolean {
  return purpose !== 'first' && purpose !== 'hedge';
}

// A target that a client named as its model is known only where that model is.
function isKnown(target: string, { modelKnown, model }: RequestFinished, knownTarget: KnownTarget): boolean {
  return (modelKnown || target !== model) && knownTarget(target);
}

// Where the request was refused before its model was known there is none; names that clients invent become one label.
function modelLabel({ model, modelKnown }: RequestFinished): string {
  if (model === null) return 'none';
  return modelKnown ? model : OTHER;
}
