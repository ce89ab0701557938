import { textToBytes, type Bytes } from '../../../base/bytes.ts';
import { sampleDrill } from '../../../drill/testing/sample-drill.ts';
import { RecordingLog } from '../../../testing/recording-log.ts';
import { VirtualClock } from '../../../testing/virtual-clock.ts';
import type { GatewayEvent } from '../../../spec/event.ts';
import type { Drill, DrillControl } from '../../../spec/drill.ts';
import type { TargetStatus } from '../../../spec/health-report.ts';
import type { KeyRole } from '../../../spec/identity.ts';
import type { Headers } from '../../../spec/wire.ts';
import { createKeyDesk } from '../../../store/key-desk.ts';
import { KeyDirectory } from '../../../store/key-directory.ts';
import { memoryStores } from '../../../store/memory/memory-stores.ts';
import { revive } from '../../../queue/revive.ts';
import { testCrypto, testRandom } from '../../../store/testing/crypto.ts';
import { createAdmin } from '../admin.ts';
import type { AdminPorts, GatewayControl, ReloadOutcome, SimulatedFault } from '../ports.ts';

/** What a test sends; everything else is filled in. */
export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  /** Sent in place of `body`, byte for byte. */
  readonly bytes?: Bytes;
  readonly key?: string | null;
  readonly headers?: Headers;
  readonly address?: string;
}

/** An admin API over stores in memory and a gateway that answers with fixed facts. */
export async function adminWorld(changes: Partial<AdminPorts> = {}) {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const stores = memoryStores();
  const events: GatewayEvent[] = [];
  const faults = new Map<string, SimulatedFault | null>();
  const directory = new KeyDirectory({
    store: stores.keys,
    crypto: testCrypto,
    clock,
    log,
    pepper: 'pepper',
    refreshEveryMs: null,
  });
  const publish = (event: GatewayEvent) => void events.push(event);
  const keys = createKeyDesk({ store: stores.keys, directory, clock, random: testRandom, publish });
  const state: { reload: ReloadOutcome } = { reload: { type: 'reloaded', changes: ['Model a was added.'] } };
  const ports: AdminPorts = {
    clock,
    log,
    directory,
    keys,
    requests: stores.requests,
    gateway: gatewayControl(clock, state),
    queue: {
      list: (query) => stores.queue.list(query),
      revive: (jobId) => revive({ store: stores.queue, clock }, jobId),
    },
    simulator: { providers: ['drill'], setFault: (provider, fault) => void faults.set(provider, fault) },
    drills: drillControl(clock),
    ...changes,
  };
  const handle = createAdmin(ports);
  const newKey = async (role: KeyRole) =>
    (await keys.issue({ name: role, role, models: null, directTargets: false, tags: [], expiresAtMs: null }))
      .plain;
  const adminKey = await newKey('admin');
  const inferenceKey = await newKey('inference');
  const send = async (sent: Sent) => {
    const key = sent.key === undefined ? adminKey : sent.key;
    const text = typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body);
    const answer = await handle({
      method: sent.method ?? 'GET',
      path: sent.path.startsWith('/admin') ? sent.path : `/admin/v1${sent.path}`,
      query: sent.query ?? '',
      headers: [
        ...(key === null ? [] : [['authorization', `Bearer ${key}`] as const]),
        ...(sent.headers ?? []),
      ],
      body: sent.bytes ?? textToBytes(text ?? ''),
      address: sent.address ?? '192.0.2.1',
    });
    return { status: answer.status, headers: answer.headers, json: JSON.parse(answer.body) };
  };
  return { send, clock, log, stores, events, faults, state, adminKey, inferenceKey, directory };
}

// Knows one provider, and lists what was started.
function drillControl(clock: VirtualClock): DrillControl {
  const drills: Drill[] = [];
  const find = (id: string): Drill | null => drills.find((each) => each.id === id) ?? null;
  return {
    start: async (order) => {
      if (order.provider === 'busy') return { type: 'refused', field: null, message: 'Too many.' };
      if (order.provider !== 'openai')
        return { type: 'refused', field: 'provider', message: 'No provider has this name.' };
      const drill = sampleDrill({ ...order, id: `drl_${drills.length + 1}`, startedAtMs: clock.nowMs() });
      drills.push(drill);
      return { type: 'started', drill };
    },
    list: async () => drills,
    get: async (id) => find(id),
    stop: async (id) => find(id),
  };
}

function gatewayControl(clock: VirtualClock, state: { readonly reload: ReloadOutcome }): GatewayControl {
  return {
    health: async () => ({
      status: 'degraded',
      version: '0.1.0',
      startedAtMs: clock.nowMs(),
      inFlight: 3,
      storeProblem: null,
      requestLog: { waiting: 1, dropped: 0 },
      targets: [targetStatus(clock)],
    }),
    healthReport: () => ({
      timestamp: new Date(clock.nowMs()).toISOString(),
      status: 'down',
      healthy: 0,
      total: 1,
      summary: '0/1 model healthy',
      models: [
        {
          model: 'gpt-4.1',
          healthy: false,
          lastCheck: null,
          consecutiveFailures: 5,
          targets: [targetStatus(clock)],
        },
      ],
    }),
    models: () => [
      { name: 'gpt-4.1', kind: 'model', targets: ['openai/gpt-4.1'], fallbacks: ['claude-sonnet-4.5'] },
      { name: 'auto', kind: 'route', targets: ['openai/gpt-4.1'], fallbacks: [] },
    ],
    config: () => ({
      source: 'bellwether.yaml',
      loadedAtMs: clock.nowMs(),
      config: { providers: { openai: { key: 'env:OPENAI_API_KEY' } } },
    }),
    reload: async () => state.reload,
    explain: ({ model }) =>
      model === 'gpt-4.1'
        ? {
            reason: 'first choice',
            candidates: ['openai/gpt-4.1'],
            skipped: [{ target: 'holysheep/gpt-4.1', reason: 'it cannot call tools' }],
          }
        : null,
  };
}

function targetStatus(clock: VirtualClock): TargetStatus {
  return {
    target: 'openai/gpt-4.1',
    healthy: false,
    state: 'open',
    lastCheck: null,
    consecutiveFailures: 5,
    lastError: 'upstream_overloaded',
    openUntil: new Date(clock.nowMs() + 1_000).toISOString(),
    parkedUntil: null,
    inFlight: 0,
    concurrencyLimit: 64,
    firstTokenMs: { p50: 812.5, p95: 900, p99: 950 },
    tokensPerSecond: null,
  };
}
