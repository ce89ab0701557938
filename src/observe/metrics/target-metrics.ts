import type { Attempt } from '../../spec/attempt.ts';
import { USAGE_CLASSES, type Usage, type UsageClass } from '../../spec/usage.ts';
import type { BoundCounter, Counter, MetricRegistry } from './registry.ts';

/** The metrics of attempts. */
export interface TargetFamilies {
  readonly attempts: Counter;
  readonly tokens: Counter;
  readonly dollars: Counter;
}

/** Registers the metrics of attempts. */
export function targetFamilies(registry: MetricRegistry): TargetFamilies {
  return {
    attempts: registry.counter(
      {
        name: 'ai_provider_attempts_total',
        help: 'Calls to providers by what came of them: answered, or the kind of failure.',
      },
      ['provider', 'model', 'outcome'],
    ),
    tokens: registry.counter(
      { name: 'ai_tokens_total', help: 'Tokens by disjoint type, over all attempts.' },
      ['model', 'provider', 'type'],
    ),
    dollars: registry.counter(
      { name: 'ai_cost_dollars_total', help: 'Cost by model asked for and by provider, over all attempts.' },
      ['model', 'provider'],
    ),
  };
}

/** Names that go with every number of a target. */
export interface TargetLabels {
  /** The model that clients asked for. */
  readonly model: string;
  readonly provider: string;
  readonly upstreamModel: string;
}

/** The numbers of one target under one model asked for. */
export class TargetMetrics {
  readonly #families: TargetFamilies;
  readonly #labels: TargetLabels;
  readonly #dollars: BoundCounter;
  readonly #byOutcome = new Map<string, BoundCounter>();
  readonly #byClass = new Map<UsageClass, BoundCounter>();

  constructor(families: TargetFamilies, labels: TargetLabels) {
    this.#families = families;
    this.#labels = labels;
    this.#dollars = families.dollars.of(labels.model, labels.provider);
  }

  /** Counts one attempt. */
  record({ outcome, usage, costNanodollars }: Attempt): void {
    this.#ofOutcome(outcome.type === 'failed' ? outcome.kind : outcome.type).add(1);
    if (costNanodollars !== null) this.#dollars.add(Number(costNanodollars) / 1e9);
    if (usage !== null) this.#countTokens(usage);
  }

  #countTokens(usage: Usage): void {
    for (const name of USAGE_CLASSES) {
      const count = usage[name];
      if (count !== null && count > 0) this.#ofClass(name)?.add(count);
    }
  }

  #ofOutcome(outcome: string): BoundCounter {
    let counter = this.#byOutcome.get(outcome);
    if (counter === undefined) {
      counter = this.#families.attempts.of(this.#labels.provider, this.#labels.upstreamModel, outcome);
      this.#byOutcome.set(outcome, counter);
    }
    return counter;
  }

  #ofClass(name: UsageClass): BoundCounter | null {
    const counter = this.#byClass.get(name);
    if (counter !== undefined) return counter;
    const type = TOKEN_TYPES[name];
    if (type === null) return null;
    const made = this.#families.tokens.of(this.#labels.model, this.#labels.provider, type);
    this.#byClass.set(name, made);
    return made;
  }
}

const TOKEN_TYPES = {
  input: 'input',
  inputAudio: 'input_audio',
  cacheRead: 'cache_read',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
  output: 'output',
  outputAudio: 'output_audio',
  reasoning: 'reasoning',
  webSearches: null, // Searches are no tokens.
} as const satisfies Record<UsageClass, string | null>;
