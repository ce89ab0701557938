import { HealthMonitor, type ProbeTarget } from '../health/monitor.ts';
import { probe } from '../gateway/probe.ts';
import { targetsOf } from '../routing/route.ts';
import type { Target } from '../routing/target.ts';
import { ruleOf, type ErrorKind } from '../spec/error.ts';
import type { CallResult } from '../spec/health.ts';
import type { Clock } from '../spec/ports.ts';
import type { Snapshot } from '../gateway/snapshot.ts';
import type { ComposedGateway } from './compose-gateway.ts';

/** The health monitor of a gateway, not yet started. Its clock must not keep the process alive. */
export function healthMonitor(
  { gateway, health, runtime }: Pick<ComposedGateway, 'gateway' | 'health' | 'runtime'>,
  clock: Clock,
): HealthMonitor {
  const targets = new ConfiguredTargets();
  return new HealthMonitor({
    clock,
    config: () => gateway.snapshot.config.failover.probes,
    targets: () => targets.of(gateway.snapshot).list,
    report: (target) => {
      const [report] = health.report([target]);
      if (report === undefined) throw new Error('a report for every target that is asked for');
      return report;
    },
    probe: async (address, keyIndex, timeoutMs) => {
      const { snapshot } = gateway;
      const target = targets.of(snapshot).byAddress.get(address);
      const link = target === undefined ? undefined : snapshot.providers.get(target.provider);
      if (target === undefined || link === undefined) return { type: 'abandoned' };
      return probe(runtime, { link, target, keyIndex, timeoutMs });
    },
    probed: (target, keyIndex, result) => {
      health.probed(target, keyIndex, telling(result));
    },
  });
}

// A model that takes other questions (embeddings, speech) refuses this one and is well: only what tells of the provider or of
// the key counts.
function telling(result: CallResult): CallResult {
  if (result.type !== 'failed') return result;
  const { hurts } = ruleOf(result.kind);
  return hurts || OF_KEYS.includes(result.kind) ? result : { type: 'abandoned' };
}

const OF_KEYS: readonly ErrorKind[] = [
  'upstream_rate_limited',
  'upstream_quota_exhausted',
  'upstream_misconfigured',
];

interface Found {
  readonly list: readonly ProbeTarget[];
  readonly byAddress: ReadonlyMap<string, Target>;
}

// Worked out once for each view of the configuration.
class ConfiguredTargets {
  #snapshot: Snapshot | null = null;
  #found: Found = { list: [], byAddress: new Map() };

  of(snapshot: Snapshot): Found {
    if (snapshot === this.#snapshot) return this.#found;
    const all = [...snapshot.names.values()].flatMap(({ route }) => targetsOf(route));
    const byAddress = new Map(all.map((target) => [target.address, target]));
    const list = [...byAddress.values()].map(({ address, keyCount }) => ({ target: address, keyCount }));
    this.#snapshot = snapshot;
    this.#found = { list, byAddress };
    return this.#found;
  }
}
