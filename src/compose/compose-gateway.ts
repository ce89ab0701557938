import { describeChanges } from '../config/diff.ts';
import type { Config } from '../config/config.ts';
import { EventBus } from '../events/bus.ts';
import { loadModelFacts } from '../gateway/catalogue-facts.ts';
import { Gateway } from '../gateway/gateway.ts';
import { buildSnapshot, findRoute, type Snapshot } from '../gateway/snapshot.ts';
import type { DrillableProvider } from '../drill/drill-desk.ts';
import { isoDate } from '../node/iso-date.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import { targetsOf } from '../routing/route.ts';
import type { Runtime } from '../spec/ports.ts';
import type { KeyDirectoryView } from '../store/store.ts';
import { LazyDrills } from './lazy-drills.ts';
import { LazySimulator, type SimulatorFaults } from './lazy-simulator.ts';

/** What a gateway needs from whoever runs it. */
export interface ComposeOptions {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly keys: KeyDirectoryView;
}

/** A gateway with its event stream, and the way to give it another configuration. */
export interface ComposedGateway {
  readonly gateway: Gateway;
  readonly bus: EventBus;
  readonly runtime: Runtime;
  readonly simulator: SimulatorFaults;
  /** Faults on purpose in front of any provider. */
  readonly drills: LazyDrills;
  /** Builds a view of the new configuration beside the old one and swaps them; what throws leaves the old one in force. */
  reload(config: Config): Promise<readonly string[]>;
}

/** Wires a gateway: transport with the simulated providers in it, snapshot, bus. */
export async function composeGateway({
  config,
  runtime: outer,
  keys,
}: ComposeOptions): Promise<ComposedGateway> {
  const { clock, log } = outer;
  const simulator = new LazySimulator(outer);
  await simulator.prepare(config);
  simulator.adopt(config);
  const bus = new EventBus({ clock, log });
  const drills = new LazyDrills(simulator.transport, {
    clock,
    log,
    random: outer.random,
    publish: (event) => bus.publish(event),
    subscribe: (listener) => {
      const heard = bus.subscribe('drills', listener, { types: ['request-finished', 'circuit-changed'] });
      return () => heard.cancel();
    },
    providers: () => drillable(snapshot),
    providersOf: (model) => providersOf(snapshot, model),
  });
  const runtime: Runtime = { ...outer, transport: drills.transport };
  let snapshot = await snapshotOf(config, runtime);
  const gateway = new Gateway({
    runtime,
    keys,
    snapshot: () => snapshot,
    publish: (event) => bus.publish(drills.marked(event)),
  });
  return {
    gateway,
    bus,
    runtime,
    simulator,
    drills,
    reload: async (next) => {
      const built = await snapshotOf(next, runtime);
      await simulator.prepare(next);
      const changes = describeChanges(snapshot.config, next);
      drills.endAll('reload');
      simulator.adopt(next);
      snapshot = built;
      bus.publish({ type: 'config-reloaded', atMs: clock.nowMs(), changes });
      return changes;
    },
  };
}

async function snapshotOf(config: Config, runtime: Runtime): Promise<Snapshot> {
  const today = isoDate(runtime.clock.nowMs());
  return buildSnapshot({
    config,
    protocols: new Map(PROTOCOLS.map((protocol) => [protocol.id, protocol])),
    facts: await loadModelFacts(config, today),
    nowMs: runtime.clock.nowMs(),
    secret: (reference) => runtime.secrets.resolve(reference) ?? '',
  });
}

function drillable({ config }: Snapshot): readonly DrillableProvider[] {
  return [...config.providers.values()].map(({ name, baseUrl, definition }) => ({
    name,
    baseUrl,
    protocolId: definition.protocol,
  }));
}

function providersOf(snapshot: Snapshot, model: string): readonly string[] {
  const named = findRoute(snapshot, model);
  return named === null ? [] : targetsOf(named.route).map(({ provider }) => provider);
}
