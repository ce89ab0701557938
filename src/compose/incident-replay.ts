import { brandText } from '../base/brand.ts';
import { textToBytes, type Bytes } from '../base/bytes.ts';
import type { Json } from '../base/json.ts';
import { knownIncidents } from '../drill/replay/known-incidents.ts';
import { replayIncidentsIn, type ReplayOptions, type ReplayReport } from '../drill/replay/index.ts';
import { REPLAY_MODEL, type ReplayRequest, type ReplayWire } from '../drill/replay/workload.ts';
import type { ReplayWorld, Seen, WorldOptions } from '../drill/replay/world.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { InferenceCall, Surface } from '../gateway/call.ts';
import { createCrypto } from '../node/crypto.ts';
import { providerOf } from '../providers/index.ts';
import { CHAT_COMPLETIONS, MESSAGES } from '../server/inference/surfaces.ts';
import type { RequestFinished } from '../spec/event.ts';
import type { Log, Runtime, Transport } from '../spec/ports.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { composeGateway } from './compose-gateway.ts';
import { loadConfig } from './load-config.ts';

/**
 * Replays a file of real incidents against the real gateway, on virtual time and before simulated providers. Throws an
 * `Error` that says what is wrong with the file or the options.
 */
export function replayIncidents(options: ReplayOptions): Promise<ReplayReport> {
  return replayIncidentsIn(openReplayWorld, options);
}

/** The replay's clock starts here whatever it replays: price lists are not older, so that costs are known. */
const START_MS = 1_800_000_000_000;

/** A gateway as the composition wires it, with one simulated provider for each service, asked in their order. */
export async function openReplayWorld(options: WorldOptions): Promise<ReplayWorld> {
  const clock = new VirtualClock(START_MS);
  const aheadMs = START_MS - options.startMs;
  const runtime: Runtime = {
    clock,
    random: seededRandom(options.seed),
    crypto: createCrypto(),
    transport: NOWHERE,
    secrets: { resolve: () => null },
    log: SILENT,
  };
  const { config } = loadConfig({ type: 'value', value: await configOf(options) }, runtime.secrets);
  const composed = await composeGateway({
    config,
    runtime,
    keys: { identify: () => ({ type: 'caller', caller: CALLER }) },
  });
  const ends: Ends = new Map();
  composed.bus.subscribe(
    'replay',
    (event) => {
      if (event.type === 'request-finished') ends.set(event.requestId, event);
    },
    { types: ['request-finished'] },
  );
  return {
    nowMs: () => clock.nowMs() - aheadMs,
    advanceTo: async (ms) => {
      const leftMs = ms + aheadMs - clock.nowMs();
      if (leftMs > 0) await clock.advance(leftMs);
    },
    setFault: (service, fault) => composed.simulator.setFault(service, fault),
    send: (request, done) => void serve(composed.gateway, request, ends, done),
  };
}

type Ends = Map<string, RequestFinished>;

async function serve(
  gateway: Gateway,
  request: ReplayRequest,
  ends: Ends,
  done: (seen: Seen) => void,
): Promise<void> {
  const sink = new RecordingSink();
  await gateway.serve(callOf(request, sink));
  const id = sink.headers.get('x-bellwether-request-id') ?? '';
  const end = ends.get(id) ?? null;
  ends.delete(id);
  done(seenOf(sink, end));
}

const SURFACES: { readonly [wire in ReplayWire]: Surface } = { chat: CHAT_COMPLETIONS, messages: MESSAGES };

function callOf({ wire, body }: ReplayRequest, sink: RecordingSink): InferenceCall {
  const client = { header: () => undefined };
  return { surface: SURFACES[wire], path: {}, body: textToBytes(JSON.stringify(body)), client, sink };
}

function seenOf(sink: RecordingSink, end: RequestFinished | null): Seen {
  const attempts = end?.attempts ?? [];
  const answering = attempts.findLast(({ outcome }) => outcome.type === 'answered');
  return {
    status: sink.status,
    ending: sink.ending,
    body: brandText<Bytes>(sink.body),
    durationMs: end?.durationMs ?? 0,
    calls: attempts.length,
    answeringCallAfterMs:
      answering === undefined || end === null ? null : answering.startedAtMs - end.startedAtMs,
    resumed: attempts.some(({ outcome }) => outcome.type === 'failed' && outcome.committed),
    costNanodollars: end?.costNanodollars ?? null,
  };
}

/** What providers are asked for that have no preset model: the simulator knows every name that begins so. */
const OTHER_MODEL = 'sim-standard';
/** In US dollars: what an ordinary model costs, for providers whose prices are not known. */
const OTHER_PRICE = { cost_per_1m_tokens: { input: 1, output: 4 } } as const;

async function configOf({ services, deadlineMs }: WorldOptions): Promise<Json> {
  const known = await knownIncidents();
  const imitated = services.map((service) => {
    const kind = known.kindOf(service);
    const definition = kind === null ? null : providerOf(kind);
    return { service, kind, model: Object.values(definition?.presets ?? {})[0] ?? OTHER_MODEL };
  });
  const providers = imitated.map(({ service, kind }) => {
    const simulate = kind === null ? {} : { like: kind };
    return [service, { kind: 'simulated', simulate, models: { [OTHER_MODEL]: OTHER_PRICE } }] as const;
  });
  const targets = imitated.map(({ service, model }) => `${service}/${model}`);
  return {
    timeouts: { total_ms: deadlineMs },
    // Only a sample of the traffic is played: checks of idle targets would be most of what providers see.
    failover: { probes: false },
    providers: Object.fromEntries(providers),
    models: { [REPLAY_MODEL]: { targets } },
  };
}

const CALLER = {
  keyId: 'key_replay',
  name: 'replay',
  role: 'inference',
  models: null,
  directTargets: false,
  tags: [],
} as const;

/** No provider of a replay is real. */
const NOWHERE: Transport = {
  send: ({ url }) => {
    throw new Error(`a replay calls nobody, but ${url} was asked for`);
  },
  close: async () => {},
};

/** Failing providers are what a replay is about: the report tells of them, not the log. */
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
