import { healthMonitor } from '../compose/health-monitor.ts';
import { healthReportOf } from '../compose/health-report.ts';
import { composeGateway } from '../compose/compose-gateway.ts';
import { loadConfig } from '../compose/load-config.ts';
import { createClock } from '../node/clock.ts';
import { createNodeRuntime } from '../node/runtime.ts';
import type { PublicModel } from '../gateway/gateway.ts';
import { createFetchHandler, type FetchHandler } from '../server/fetch-handler.ts';
import { inferenceRouter } from '../server/routes.ts';
import type { GatewayEvent } from '../spec/event.ts';
import type { HealthReport } from '../spec/health-report.ts';
import type { Caller } from '../spec/identity.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { chat, stream } from './chat.ts';
import { configSource, type GatewayOptions } from './config-source.ts';
import { costTally, type Costs } from './costs.ts';
import type { ChatAnswer, ChatRequest, ChatStream } from './types.ts';

/** The gateway as a library: no server, no port, no keys of its own; the same routing, failover and accounting. */
export interface LibraryGateway {
  /** One whole answer; throws `ChatError` where it was refused or failed everywhere. */
  chat(request: ChatRequest, options?: CallOptions): Promise<ChatAnswer>;
  /** A streamed answer; resolves with its first content. */
  stream(request: ChatRequest, options?: CallOptions): Promise<ChatStream>;
  /** Serves the HTTP addresses in process: give it to an SDK as its `fetch`, or mount it in a server of your own. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Everything that can be asked for. */
  models(): readonly PublicModel[];
  /** What was spent since the start. */
  costs(): Costs;
  /** Which models and targets are well at this moment, by live traffic and probes. */
  health(): HealthReport;
  /** Calls back for events of one type; the function returned ends that. */
  on<Type extends GatewayEvent['type']>(type: Type, listener: Listener<Type>): () => void;
  /** Breaks and mends simulated providers. */
  readonly simulator: Pick<Simulator, 'setFault' | 'faults'>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export type Listener<Type extends GatewayEvent['type']> = (
  event: Extract<GatewayEvent, { type: Type }>,
) => void;

const CALLER: Caller = {
  keyId: 'library',
  name: 'library',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
};

/** Makes a gateway for use inside this program. Throws `ConfigError` with every problem of the configuration. */
export async function createGateway(options: GatewayOptions = {}): Promise<LibraryGateway> {
  const { environment } = options;
  const node = createNodeRuntime({
    // A script that waits for an answer has nothing else that keeps it alive.
    processLife: 'hold',
    log: options.log ?? { level: 'warn', destination: 'stderr' },
    ...(environment === undefined ? {} : { environment }),
  });
  const { config } = loadConfig(await configSource(options.config), node.runtime.secrets);
  const keys = { identify: () => ({ type: 'caller', caller: CALLER }) as const };
  const composed = await composeGateway({ config, runtime: node.runtime, keys });
  const { gateway, bus, simulator } = composed;
  // Probes are no reason for a script to live on.
  const monitor = healthMonitor(composed, createClock('release'));
  monitor.start();
  const handle = createFetchHandler(inferenceRouter(gateway, node.runtime), config.server.bodyBytesMax);
  const costs = costTally();
  bus.subscribe('library-costs', costs.hear);
  return {
    chat: (request, { signal } = {}) => chat(handle, request, signal),
    stream: (request, { signal } = {}) => stream(handle, request, signal),
    fetch: fetchOf(handle),
    models: () => gateway.models(),
    costs: () => costs.sum(),
    health: () => healthReportOf(composed),
    on: (type, listener) => {
      const subscription = bus.subscribe(`library-${type}`, (event) => {
        if (isOfType(event, type)) listener(event);
      });
      return () => subscription.cancel();
    },
    simulator,
    close: () => {
      monitor.stop();
      return node.close();
    },
  };
}

function fetchOf(handle: FetchHandler): LibraryGateway['fetch'] {
  return (input, init) => handle(new Request(input, init));
}

function isOfType<Type extends GatewayEvent['type']>(
  event: GatewayEvent,
  type: Type,
): event is Extract<GatewayEvent, { type: Type }> {
  return event.type === type;
}
