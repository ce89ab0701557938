import type { Attempt } from '../../spec/attempt.ts';
import type { GatewayEvent, RequestFinished } from '../../spec/event.ts';
import { USAGE_CLASSES, type UsageClass } from '../../spec/usage.ts';
import type { MetricRegistry } from './registry.ts';

export interface GatewayMetricsOptions {
  /**
   * Whether a target is one of the configuration; others come from clients that address `provider/upstream-model`
   * directly, and are `other`. Without it only the target that a client named as its model is known to be such.
   */
  readonly knownTarget?: (target: string) => boolean;
}

/**
 * Keeps the metrics of the gateway from its events; subscribe it without a queue. Labels are names of the configuration
 * only: never a key, a user or a request, and an unknown model is `other`.
 */
export function gatewayMetrics(
  registry: MetricRegistry,
  options: GatewayMetricsOptions = {},
): (event: GatewayEvent) => void {
  const started = new Set<string>();
  const record = recordRequests(registry, options.knownTarget ?? (() => true));
  const lost = registry.counter(
    {
      name: 'ai_events_lost_total',
      help: 'Events that a subscriber of the gateway lost because it was too slow.',
    },
    ['subscriber'],
  );
  const reloads = registry.counter({
    name: 'ai_config_reloads_total',
    help: 'Configurations that took effect after the start.',
  });
  registry.readGauge(
    { name: 'ai_inflight_requests', help: 'Requests that were admitted and have no final answer yet.' },
    () => started.size,
  );
  registry.readCounter(
    {
      name: 'ai_metric_observations_dropped_total',
      help: 'Observations left out because there are too many different labels.',
    },
    () => registry.dropped,
  );
  return (event) => {
    switch (event.type) {
      case 'request-started':
        started.add(event.requestId);
        return;
      case 'request-finished':
        started.delete(event.requestId);
        record(event);
        return;
      case 'subscriber-overflowed':
        lost.add([event.subscriber], event.lost);
        return;
      case 'config-reloaded':
        reloads.add([], 1);
        return;
      default: // Everything about an attempt also stands in the end of its request.
    }
  };
}

/** Bounds in seconds that cover a cached answer and five minutes of reasoning. */
const LATENCY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300];
const FIRST_TOKEN_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 60];
const OVERHEAD_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1];
const COST_DOLLARS = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

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

function recordRequests(
  registry: MetricRegistry,
  knownTarget: KnownTarget,
): (event: RequestFinished) => void {
  const requests = registry.counter(
    { name: 'ai_requests_total', help: 'Requests by model asked for and HTTP status of the answer.' },
    ['model', 'status'],
  );
  const latency = registry.histogram(
    {
      name: 'ai_request_latency_seconds',
      help: 'Time from the start of a request to the end of its answer.',
    },
    LATENCY_SECONDS,
    ['model'],
  );
  const firstToken = registry.histogram(
    {
      name: 'ai_time_to_first_token_seconds',
      help: 'Time from the start of a request to its first content.',
    },
    FIRST_TOKEN_SECONDS,
    ['model'],
  );
  const cost = registry.histogram(
    {
      name: 'ai_request_cost_dollars',
      help: 'Cost of requests over all attempts; the sum is the spend, the count the priced requests.',
    },
    COST_DOLLARS,
    ['model'],
  );
  const unpriced = registry.counter(
    { name: 'ai_requests_unpriced_total', help: 'Requests that used tokens whose cost is not known.' },
    ['model'],
  );
  const overhead = registry.histogram(
    {
      name: 'ai_gateway_overhead_seconds',
      help: 'Time spent in the gateway itself, without waiting for providers.',
    },
    OVERHEAD_SECONDS,
  );
  const recordAttempts = attemptRecorder(registry);
  return (event) => {
    const model = modelLabel(event);
    const byModel = [model];
    requests.add([model, String(event.status)], 1);
    latency.observe(byModel, event.durationMs / 1_000);
    overhead.observe(NO_LABELS, event.overheadMs / 1_000);
    if (event.firstTokenMs !== null) firstToken.observe(byModel, event.firstTokenMs / 1_000);
    if (event.costNanodollars !== null) cost.observe(byModel, Number(event.costNanodollars) / 1e9);
    else if (event.usage !== null) unpriced.add(byModel, 1);
    recordAttempts(
      event,
      model,
      (target) => (event.modelKnown || target !== event.model) && knownTarget(target),
    );
  };
}

const NO_LABELS: readonly string[] = [];
const OTHER = 'other';

type KnownTarget = (target: string) => boolean;

function attemptRecorder(
  registry: MetricRegistry,
): (event: RequestFinished, model: string, known: KnownTarget) => void {
  const attemptsTotal = registry.counter(
    {
      name: 'ai_provider_attempts_total',
      help: 'Calls to providers by what came of them: answered, or the kind of failure.',
    },
    ['provider', 'model', 'outcome'],
  );
  const tokens = registry.counter(
    { name: 'ai_tokens_total', help: 'Tokens by disjoint type, over all attempts.' },
    ['model', 'provider', 'type'],
  );
  const dollars = registry.counter(
    { name: 'ai_cost_dollars_total', help: 'Cost by model asked for and by provider, over all attempts.' },
    ['model', 'provider'],
  );
  const failovers = registry.counter(
    {
      name: 'ai_failovers_total',
      help: 'Times that a request went on to another target, by the failure that made it do so.',
    },
    ['from', 'to', 'reason'],
  );
  const countTokens = (attempt: Attempt, model: string) => {
    if (attempt.usage === null) return;
    for (const name of USAGE_CLASSES) {
      const type = TOKEN_TYPES[name];
      const count = attempt.usage[name] ?? 0;
      if (type !== null && count > 0) tokens.add([model, attempt.provider, type], count);
    }
  };
  return ({ attempts }, model, known) => {
    let before: Attempt | null = null;
    for (const attempt of attempts) {
      const label = (target: string) => (known(target) ? target : OTHER);
      const { provider, outcome } = attempt;
      const result = outcome.type === 'failed' ? outcome.kind : outcome.type;
      attemptsTotal.add([provider, known(attempt.target) ? attempt.model : OTHER, result], 1);
      if (before?.outcome.type === 'failed' && before.target !== attempt.target) {
        failovers.add([label(before.target), label(attempt.target), before.outcome.kind], 1);
      }
      if (attempt.costNanodollars !== null) {
        dollars.add([model, provider], Number(attempt.costNanodollars) / 1e9);
      }
      countTokens(attempt, model);
      before = attempt;
    }
  };
}

// Where the request was refused before its model was known there is none; names that clients invent become one label.
function modelLabel({ model, modelKnown }: RequestFinished): string {
  if (model === null) return 'none';
  return modelKnown ? model : OTHER;
}
