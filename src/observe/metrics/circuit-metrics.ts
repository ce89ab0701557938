import type { CircuitChanged } from '../../spec/event.ts';
import { OTHER, type KnownTarget } from './known-target.ts';
import type { MetricRegistry } from './registry.ts';

/** Counts what circuits do. */
export function circuitMetrics(
  registry: MetricRegistry,
  knownTarget: KnownTarget,
): (event: CircuitChanged) => void {
  const changes = registry.counter(
    {
      name: 'ai_circuit_changes_total',
      help: 'Times that the circuit of a target, for one of its keys, went to a state.',
    },
    ['target', 'to'],
  );
  return ({ target, to }) => changes.add([knownTarget(target) ? target : OTHER, to], 1);
}
