import type { GatewayEvent } from '../../spec/event.ts';
import { circuitMetrics } from './circuit-metrics.ts';
import type { MetricRegistry } from './registry.ts';
import { queueMetrics } from './queue-metrics.ts';
import { requestMetrics } from './request-metrics.ts';

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
  const { knownTarget = () => true } = options;
  const record = requestMetrics(registry, knownTarget);
  const recordCircuit = circuitMetrics(registry, knownTarget);
  const recordJob = queueMetrics(registry);
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
      case 'job-queued':
      case 'job-finished':
      case 'job-delivered':
        recordJob(event);
        return;
      case 'circuit-changed':
        recordCircuit(event);
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
