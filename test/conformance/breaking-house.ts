import type { JsonObject } from '../../src/base/json.ts';
import { createNodeRuntime } from '../../src/node/runtime.ts';
import { startSimulator, type RunningSimulator } from '../../src/server/simulate-server.ts';
import { faultNamed } from '../../src/simulator/faults/names.ts';
import type { Pace, ProviderSettings } from '../../src/simulator/settings.ts';
import { openGateway, PROVIDER_KEY, type RunningGateway } from './gateway.ts';
import type { Wire } from './house.ts';

/** Whether the models of a house think aloud before they answer. */
export type Kind = 'plain' | 'reasons';

/** A place in the house: who serves the first target, how it fails, and who serves the second. */
export interface Pair {
  readonly kind: Kind;
  readonly first: Wire;
  /** A fault of the simulator by its short name; null for a first target that is well. */
  readonly fault: string | null;
  /** Null where there is no second. */
  readonly second: Wire | null;
}

/** Fast enough for thousands of streams and slow enough for each event to arrive before the connection breaks. */
const PACE: Pace = { firstTokenMs: 1, tokensPerSecond: 1500, jitter: 0 };

/** How one wire is served: the kind of its provider, its base URL and its models. */
interface Served {
  readonly provider: string;
  readonly version: string;
  readonly model: string;
}

const SERVED: { readonly [kind in Kind]: { readonly [wire in Wire]: Served } } = {
  plain: {
    openai: { provider: 'openai', version: '/v1', model: 'gpt-4.1' },
    anthropic: { provider: 'anthropic', version: '/v1', model: 'claude-sonnet-4-5' },
    gemini: { provider: 'gemini', version: '/v1beta', model: 'gemini-2.5-flash' },
  },
  reasons: {
    openai: { provider: 'deepseek', version: '', model: 'deepseek-reasoner' },
    anthropic: { provider: 'anthropic', version: '/v1', model: 'claude-sonnet-4-5' },
    gemini: { provider: 'gemini', version: '/v1beta', model: 'gemini-3-pro-preview' },
  },
};

/** A gateway in front of simulated providers of which each fails in one way, always. */
export interface BreakingHouse extends RunningGateway {
  /** The public model of a pair. */
  modelOf(pair: Pair): string;
}

export interface BreakingOptions {
  readonly pairs: readonly Pair[];
  readonly pace?: Pace;
  /** Sections of the configuration besides providers and models. */
  readonly sections?: JsonObject;
}

/** Opens a house with these pairs. Nothing that is learned of a target in one request changes the next. */
export async function openBreakingHouse({
  pairs,
  pace = PACE,
  sections = {},
}: BreakingOptions): Promise<BreakingHouse> {
  const simulated: { [name: string]: Partial<ProviderSettings> } = {};
  const providers: { [name: string]: JsonObject } = {};
  const models: { [name: string]: JsonObject } = {};
  const simulator = await startProviders(simulated, pace);
  const targetOf = (kind: Kind, wire: Wire, fault: string | null, place: string): string => {
    const served = SERVED[kind][wire];
    const name = [served.provider, place, ...(fault === null ? [] : [fault.replace(':', '-')])].join('-');
    const fails = fault === null ? null : faultNamed(fault);
    simulated[name] = fails === null ? {} : { fault: { kind: fails } };
    const base_url = `${simulator.url}/p/${name}${served.version}`;
    providers[name] = { kind: served.provider, base_url, key: PROVIDER_KEY };
    return `${name}/${served.model}`;
  };
  for (const pair of pairs) {
    const { kind, first, fault, second } = pair;
    const targets = [targetOf(kind, first, fault, 'first')];
    if (second !== null) targets.push(targetOf(kind, second, null, 'second'));
    models[modelOf(pair)] = { targets };
  }
  const gateway = await openGateway({
    timeouts: { first_byte_ms: 2000, first_token_ms: 1500, idle_ms: 400, answer_ms: 1500 },
    ...sections,
    providers,
    models,
    failover: { ...PATIENT, ...(sections['failover'] as JsonObject | undefined) },
  });
  return {
    ...gateway,
    modelOf,
    close: async () => {
      await gateway.close();
      await simulator.close();
    },
  };
}

function modelOf({ kind, first, fault, second }: Pair): string {
  return [kind, first, fault?.replace(':', '-') ?? 'well', second ?? 'alone'].join('-');
}

/** Every request starts at the first target, however often that has failed. */
const PATIENT = {
  spare_share: 0,
  probes: false,
  concurrency: false,
  min_tokens_per_second: 0,
  breaker: { consecutive_failures: 1000, min_requests: 100_000 },
  retry_budget: { share: 1, minimum: 10_000 },
} as const;

async function startProviders(
  providers: { readonly [name: string]: Partial<ProviderSettings> },
  pace: Pace,
): Promise<RunningSimulator> {
  const { runtime, close } = createNodeRuntime({ log: { level: 'silent' } });
  const simulator = await startSimulator({ ...runtime, settings: { defaults: { pace }, providers } });
  return {
    ...simulator,
    close: async () => {
      await simulator.close();
      await close();
    },
  };
}
