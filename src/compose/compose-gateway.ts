import { describeChanges } from '../config/diff.ts';
import type { Config, IdempotencyConfig } from '../config/config.ts';
import { EventBus } from '../events/bus.ts';
import { loadModelFacts } from '../gateway/catalogue-facts.ts';
import { Gateway } from '../gateway/gateway.ts';
import { buildSnapshot, type ProviderLink, type Snapshot } from '../gateway/snapshot.ts';
import { Answers } from '../idempotency/answers.ts';
import { HealthBook } from '../health/health-book.ts';
import { isoDate } from '../node/iso-date.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { Runtime } from '../spec/ports.ts';
import { MemoryAnswerStore } from '../store/memory/answer-store.ts';
import type { AnswerStore, KeyDirectoryView } from '../store/store.ts';
import { drillPorts } from './drill-ports.ts';
import { LazyDrills } from './lazy-drills.ts';
import { LazySimulator, type SimulatorFaults } from './lazy-simulator.ts';

/** What a gateway needs from whoever runs it. */
export interface ComposeOptions {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly keys: KeyDirectoryView;
  /** Where answers are kept; missing: in memory. */
  readonly answers?: AnswerStore;
}

/** A gateway with its event stream, and the way to give it another configuration. */
export interface ComposedGateway {
  readonly gateway: Gateway;
  readonly health: HealthBook;
  readonly answers: Answers;
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
  answers: answerStore,
}: ComposeOptions): Promise<ComposedGateway> {
  const { clock, log } = outer;
  const simulator = new LazySimulator(outer);
  await simulator.prepare(config);
  simulator.adopt(config);
  const bus = new EventBus({ clock, log });
  const drills = new LazyDrills(
    simulator.transport,
    drillPorts(outer, bus, () => snapshot),
  );
  const runtime: Runtime = { ...outer, transport: drills.transport };
  let snapshot = await snapshotOf(config, runtime);
  const health = new HealthBook({
    clock,
    random: outer.random,
    config: config.failover,
    publish: (event) => bus.publish(event),
  });
  health.adopt(config.failover, [...snapshot.addresses]);
  const answers = answersOver(answerStore, outer, () => snapshot.config.idempotency);
  const gateway = new Gateway({
    runtime,
    keys,
    answers,
    health,
    snapshot: () => snapshot,
    publish: (event) => bus.publish(drills.marked(event)),
  });
  return {
    gateway,
    answers,
    health,
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
      health.adopt(next.failover, [...built.addresses], changedProviders(snapshot, built));
      snapshot = built;
      bus.publish({ type: 'config-reloaded', atMs: clock.nowMs(), changes });
      return changes;
    },
  };
}

function answersOver(
  store: AnswerStore | undefined,
  { clock, crypto, log }: Runtime,
  config: () => IdempotencyConfig,
): Answers {
  const deletes = store === undefined ? 'with-writes' : 'on-time';
  return new Answers({ store: store ?? new MemoryAnswerStore(), deletes, clock, crypto, log, config });
}

// Whose address or keys are others now: what was learned of them under the old ones says nothing.
// A key may be another one though its reference is the same, so what is sent is compared.
function changedProviders(before: Snapshot, after: Snapshot): readonly string[] {
  return [...before.providers].flatMap(([name, link]) => {
    const now = after.providers.get(name);
    return now !== undefined && accessOf(now) === accessOf(link) ? [] : [name];
  });
}

function accessOf({ config, headersByKey }: ProviderLink): string {
  // Extra headers that the operator adds are no other key.
  const extra = new Set(config.headers.map(([name]) => name));
  const own = headersByKey.map((headers) => headers.filter(([name]) => !extra.has(name)));
  return JSON.stringify([config.baseUrl, config.keys, own]);
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
