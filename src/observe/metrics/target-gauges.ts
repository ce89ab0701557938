import { CIRCUIT_STATES } from '../../spec/event.ts';
import type { TargetReport } from '../../spec/health.ts';
import type { MetricRegistry } from './registry.ts';

/** Shows how the configured targets are, read when somebody scrapes; those that a reload took away are shown no more. */
export function targetGauges(registry: MetricRegistry, report: () => readonly TargetReport[]): void {
  const healthy = registry.gauge(
    { name: 'ai_target_healthy', help: '1 where a target is healthy by live traffic and probes, else 0.' },
    ['target'],
  );
  const circuit = registry.gauge(
    {
      name: 'ai_target_circuit_state',
      help: 'State of the circuit of a target, of several keys that of the best: 1 for the present one, else 0.',
    },
    ['target', 'state'],
  );
  const inFlight = registry.gauge({ name: 'ai_target_in_flight', help: 'Calls under way at a target.' }, [
    'target',
  ]);
  const limit = registry.gauge(
    {
      name: 'ai_target_concurrency_limit',
      help: 'Most calls at once at a target at present; none where there is no limit.',
    },
    ['target'],
  );
  registry.beforeScrape(() => {
    for (const gauge of [healthy, circuit, inFlight, limit]) gauge.clear();
    for (const each of report()) {
      const { target } = each;
      healthy.set([target], each.healthy ? 1 : 0);
      for (const state of CIRCUIT_STATES) circuit.set([target, state], each.state === state ? 1 : 0);
      inFlight.set([target], each.inFlight);
      if (each.concurrencyLimit !== null) limit.set([target], each.concurrencyLimit);
    }
  });
}
