import type { DrillPorts } from '../drill/drill-desk.ts';
import type { EventBus } from '../events/bus.ts';
import { findRoute, type Snapshot } from '../gateway/snapshot.ts';
import { targetsOf } from '../routing/route.ts';
import type { Runtime } from '../spec/ports.ts';

/** What drills need of the gateway around them; `snapshot` gives the view in force. */
export function drillPorts(
  { clock, log, random }: Runtime,
  bus: EventBus,
  snapshot: () => Snapshot,
): Omit<DrillPorts, 'transport'> {
  return {
    clock,
    log,
    random,
    publish: (event) => bus.publish(event),
    subscribe: (listener) => {
      const heard = bus.subscribe('drills', listener, { types: ['request-finished', 'circuit-changed'] });
      return () => heard.cancel();
    },
    providers: () =>
      [...snapshot().config.providers.values()].map(({ name, baseUrl, definition }) => ({
        name,
        baseUrl,
        protocolId: definition.protocol,
      })),
    providersOf: (model) => {
      const named = findRoute(snapshot(), model);
      return named === null ? [] : targetsOf(named.route).map(({ provider }) => provider);
    },
  };
}
