import { timeId } from '../base/time-id.ts';
import type { Config } from '../config/config.ts';
import { createNodeRuntime, type NodeRuntime } from '../node/runtime.ts';
import type { SubscribeOptions } from '../events/bus.ts';
import { accessLog } from '../observe/access-log.ts';
import { processMetrics } from '../observe/metrics/process-metrics.ts';
import { gatewayMetrics } from '../observe/metrics/prometheus.ts';
import { queueGauges } from '../observe/metrics/queue-metrics.ts';
import { MetricRegistry } from '../observe/metrics/registry.ts';
import { renderMetrics, scrapeFormat, SCRAPE_CONTENT_TYPES } from '../observe/metrics/render.ts';
import { targetGauges } from '../observe/metrics/target-gauges.ts';
import { RequestLog } from '../observe/request-log.ts';
import { TARGET_LOG_EVENTS, targetLog } from '../observe/target-log.ts';
import { startHttp, type ListeningServer } from '../server/http.ts';
import { createRoutes } from '../server/routes.ts';
import { KeyDirectory } from '../store/key-directory.ts';
import { createKeyDesk, type KeyDesk } from '../store/key-desk.ts';
import type { Stores } from '../store/store.ts';
import { withTimeLimits } from '../store/time-limit.ts';
import type { SimulatorControl } from '../server/admin/ports.ts';
import { adminHandler } from './admin.ts';
import { gatewayControl, simulatedNames } from './gateway-control.ts';
import { composeGateway, type ComposedGateway } from './compose-gateway.ts';
import { healthMonitor } from './health-monitor.ts';
import { drain, type DrainReport } from './drain.ts';
import type { LoadedConfig } from './load-config.ts';
import { openStores, pepperFor } from './open-stores.ts';
import { composeQueue } from './queue.ts';
import { VERSION } from './version.ts';

/** A gateway that serves HTTP, with everything around it. */
export interface Instance extends ComposedGateway {
  readonly server: ListeningServer;
  readonly keys: KeyDesk;
  readonly stores: Stores;
  /**
   * Fails the readiness check, goes on serving for the delay (default none), then takes no more requests, lets those under
   * way finish up to the grace, cuts what is left, and closes everything in reverse order.
   */
  close(graceMs: number, delayMs?: number): Promise<DrainReport>;
}

export interface InstanceOptions {
  readonly loaded: LoadedConfig;
  /** Path of the configuration file, null where there is none. */
  readonly source?: string | null;
  /** Reads the configuration again, for a reload; missing where it does not come from a file. */
  readonly reread?: () => LoadedConfig;
  /** Where log lines go; missing: as JSON to standard output. */
  readonly log?: NodeRuntime['log'];
  /** The store, where it is being opened already; it is closed with the instance. */
  readonly stores?: Promise<Stores>;
  /** What has to be done with the keys before the first request can come; missing: nothing. */
  readonly prepare?: (keys: KeyDesk) => Promise<void>;
}

const DAY_MS = 86_400_000;
/** How long before the end of a drain queued requests are given back. */
const HAND_BACK_MS = 250;

/** Starts an instance: store, keys, gateway, subscribers, then the server. What fails on the way is closed again. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { config } = options.loaded;
  const node = withLog(createNodeRuntime({ log: { level: config.observe.logLevel } }), options.log);
  const closers: (() => Promise<void> | void)[] = [() => node.close()];
  try {
    return await assemble({ options, config, node, closers });
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

function withLog(node: NodeRuntime, log: NodeRuntime['log'] | undefined): NodeRuntime {
  return log === undefined ? node : { ...node, log, runtime: { ...node.runtime, log } };
}

interface Assembly {
  readonly options: InstanceOptions;
  readonly config: Config;
  readonly node: NodeRuntime;
  /** What to close, in the order of opening. */
  readonly closers: (() => Promise<void> | void)[];
}

async function assemble(assembly: Assembly): Promise<Instance> {
  const { options, config, node, closers } = assembly;
  const { clock, random, log } = node.runtime;
  const { stores, directory, composed, keys } = await openParts(assembly);
  const { gateway } = composed;
  const queue = composeQueue({ config: config.queue, composed, stores, directory });
  const { registry, requestLog } = observe({ config, node, stores, composed, directory, closers });
  queueGauges(registry, () => queue.unfinished);
  let draining = false;
  const { source = null, reread = null } = options;
  // A full disk can still be read, so the log's own word comes first.
  const storeProblem = async (): Promise<string | null> => requestLog?.problem ?? stores.health();
  const control = { composed, storeProblem, requestLog, draining: () => draining, source, reread };
  const admin = adminHandler({
    clock,
    log,
    directory,
    keys,
    requests: stores.requests,
    gateway: gatewayControl(control),
    queue: { list: (query) => stores.queue.list(query), revive: (jobId) => queue.revive(jobId) },
    simulator: simulatorControl(composed),
    drills: composed.drills,
  });
  const routes = createRoutes({
    gateway,
    admin,
    health: {
      draining: () => draining,
      store: storeProblem,
      inFlight: () => gateway.inFlight,
      version: VERSION,
    },
    metrics: config.observe.metrics === 'off' ? null : (accept) => scrape(registry, accept),
    keys: directory,
    metricsAccess: config.observe.metrics,
    requestId: () => timeId('req_', clock.nowMs(), random.hex(6)),
    log,
    queue: config.queue.enabled ? queue.desk : null,
  });
  await options.prepare?.(keys);
  const server = await startHttp({ config: config.server, router: routes, log, clock });
  if (config.queue.enabled) queue.start();
  return {
    ...composed,
    server,
    keys,
    stores,
    close: async (graceMs, delayMs = 0) => {
      draining = true;
      composed.drills.endAll('closed');
      // What does not finish in time goes back to the queue before it would be counted as cut.
      const queueClosed = queue.close(Math.max(0, delayMs + graceMs - HAND_BACK_MS));
      const report = await drain({ gateway, server, clock }, { delayMs, graceMs });
      await queueClosed;
      await closeAll(closers);
      return report;
    },
  };
}

/** What everything else is built on. */
interface Parts {
  readonly stores: Stores;
  readonly directory: KeyDirectory;
  readonly composed: ComposedGateway;
  readonly keys: KeyDesk;
}

async function openParts({ options, config, node, closers }: Assembly): Promise<Parts> {
  const { clock, random, crypto, log } = node.runtime;
  const opened = await (options.stores ?? openStores(config, node));
  const stores = withTimeLimits(opened, { clock });
  closers.push(() => stores.close());
  const pepper = await pepperFor(config, node, stores);
  const directory = new KeyDirectory({ store: stores.keys, crypto, clock, log, pepper });
  closers.push(() => directory.close());
  await directory.load();
  const composed = await composeGateway({
    config,
    runtime: node.runtime,
    keys: directory,
    answers: stores.answers,
  });
  closers.push(() => composed.answers.close());
  const monitor = healthMonitor(composed, clock);
  monitor.start();
  closers.push(() => monitor.stop());
  const keys = createKeyDesk({
    store: stores.keys,
    directory,
    clock,
    random,
    publish: (event) => composed.bus.publish(event),
  });
  return { stores, directory, composed, keys };
}

/** Lines are written in groups: a write to the disk costs more than twenty lines do. A crash loses this much of them. */
const ACCESS_LOG: SubscribeOptions = { queue: 10_000, gatherMs: 20, types: ['request-finished'] };

/** Many targets may go down at once with the network; what is beyond this is not told singly. */
const TARGET_LOG: SubscribeOptions = { queue: 1_000, types: TARGET_LOG_EVENTS };

interface Observed {
  readonly config: Config;
  readonly node: NodeRuntime;
  readonly stores: Stores;
  readonly composed: ComposedGateway;
  readonly directory: KeyDirectory;
  readonly closers: (() => Promise<void> | void)[];
}

function observe({ config, node, stores, composed, directory, closers }: Observed): {
  readonly registry: MetricRegistry;
  readonly requestLog: RequestLog | null;
} {
  const { clock, log } = node.runtime;
  const { bus, gateway } = composed;
  const registry = new MetricRegistry();
  const knownTarget = (address: string): boolean => gateway.snapshot.addresses.has(address);
  bus.subscribe('metrics', gatewayMetrics(registry, { knownTarget }));
  targetGauges(registry, () => composed.health.report([...gateway.snapshot.addresses]));
  bus.subscribe('target-log', targetLog(log), TARGET_LOG);
  const lag = processMetrics(registry, VERSION);
  closers.push(() => lag.stop());
  if (config.observe.accessLog) {
    const nameOfKey = (keyId: string): string | null => directory.nameOf(keyId);
    bus.subscribe('access-log', accessLog({ log: node.log, nameOfKey }), ACCESS_LOG);
    closers.push(() => bus.flush());
  }
  const days = config.store.requestLogDays;
  if (days === 0) return { registry, requestLog: null };
  const requestLog = new RequestLog({ store: stores.requests, clock, log, keepMs: days * DAY_MS });
  bus.subscribe('request-log', requestLog.hear, { types: ['request-finished'] });
  registry.readCounter(
    { name: 'ai_log_rows_dropped_total', help: 'Rows of the request log that were lost.' },
    () => requestLog.dropped,
  );
  closers.push(() => requestLog.close());
  return { registry, requestLog };
}

function simulatorControl({ gateway, simulator }: ComposedGateway): SimulatorControl | null {
  const providers = simulatedNames(gateway.snapshot.config);
  if (providers.length === 0) return null;
  return { providers, setFault: (provider, fault) => simulator.setFault(provider, fault) };
}

function scrape(
  registry: MetricRegistry,
  accept: string | undefined,
): { readonly type: string; readonly text: string } {
  const format = scrapeFormat(accept);
  return { type: SCRAPE_CONTENT_TYPES[format], text: renderMetrics(registry, format) };
}

async function closeAll(closers: (() => Promise<void> | void)[]): Promise<void> {
  for (const close of closers.toReversed()) await close();
}
