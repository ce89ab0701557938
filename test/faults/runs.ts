import type { JsonObject } from '../../src/base/json.ts';
import { PROVIDER_KEY } from '../conformance/gateway.ts';
import { catalogue, wiresOf, type FaultWire } from './catalogue.ts';
import { CLIENT_WIRES, type ClientWire } from './clients.ts';
import { EXPECTED, type Expected } from './expected.ts';
import type { ProviderOfFaults } from './fault-server.ts';
import { scriptOf, type FaultScript } from './scripts.ts';

/** One request of one caller, whose first target fails in one way. */
export interface Run {
  readonly name: string;
  readonly id: string;
  readonly expected: Expected;
  /** What the first target speaks. */
  readonly upstream: FaultWire;
  readonly client: ClientWire;
  readonly streamed: boolean;
  /** The public model, of this run alone: nothing that is learned of one target changes another run. */
  readonly model: string;
  readonly faultyUrl: string;
}

/** A fault and what is expected of it. */
export interface Fault {
  readonly id: string;
  readonly expected: Expected;
  readonly script: FaultScript;
  readonly wires: readonly FaultWire[];
}

/** What needs tens of megabytes. */
export const HEAVY: ReadonlySet<string> = new Set(['gzip-bomb', 'huge-event']);

/** The faults of the catalogue. */
export function cataloguedFaults(): readonly Fault[] {
  return catalogue().map((entry) => {
    const expected = EXPECTED[entry.id];
    if (expected === undefined) throw new Error(`${entry.id} is not in the reviewed table`);
    // What is as heavy on any wire is carried once.
    const wires: readonly FaultWire[] = HEAVY.has(entry.id) ? ['chat'] : wiresOf(entry);
    return { id: entry.id, expected, script: scriptOf(entry), wires };
  });
}

/** Every fault on each of its wires, for each client, streamed and not, with the configuration in which they run. */
export function prepareRuns(
  faults: readonly Fault[],
  provider: ProviderOfFaults,
): { readonly runs: readonly Run[]; readonly sections: JsonObject } {
  const runs: Run[] = [];
  const providers: { [name: string]: JsonObject } = { healthy: providerOf('chat', provider.healthy('chat')) };
  const models: { [name: string]: JsonObject } = {};
  for (const { id, expected, script, wires } of faults) {
    for (const upstream of wires) {
      for (const client of CLIENT_WIRES) {
        for (const streamed of [true, false]) {
          const model = `f${runs.length}`;
          const { place = 'path' } = expected;
          const faultyUrl =
            place === 'path' ? provider.faulty(script, upstream) : provider.at(place, upstream);
          providers[model] = providerOf(upstream, faultyUrl);
          models[model] = {
            targets: [
              `${model}/${MODEL_OF[upstream]}`,
              ...spares(id, model, providers, providerOf(upstream, faultyUrl)),
            ],
            timeouts: waitsOf(id, expected),
          };
          const name = `${id} on ${upstream}, ${client} ${streamed ? 'streamed' : 'whole'}`;
          runs.push({ name, id, expected, upstream, client, streamed, model, faultyUrl });
        }
      }
    }
  }
  return { runs, sections: { providers, models, failover: { spare_share: 0 } } };
}

const HEALTHY = 'healthy/gpt-4.1';

// Behind the faulty target stands a healthy one, but where the entry says that more of them fail.
function spares(
  id: string,
  model: string,
  providers: { [name: string]: JsonObject },
  second: JsonObject,
): readonly string[] {
  if (id !== 'capacity-all' && id !== 'correlated-two') return [HEALTHY];
  providers[`${model}-second`] = second;
  const failing = `${model}-second/gpt-4.1`;
  return id === 'capacity-all' ? [failing] : [failing, HEALTHY];
}

function providerOf(wire: FaultWire, url: string): JsonObject {
  return { kind: KIND_OF[wire], base_url: url, key: PROVIDER_KEY };
}

const KIND_OF: { readonly [wire in FaultWire]: string } = {
  chat: 'openai',
  messages: 'anthropic',
  gemini: 'gemini',
};

/** The windows of the first and the last are no smaller than that of the healthy target, that of the second is. */
const MODEL_OF: { readonly [wire in FaultWire]: string } = {
  chat: 'gpt-4.1',
  messages: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
};

function waitsOf(id: string, { outcome }: Expected): JsonObject {
  if (HEAVY.has(id)) return WAITS.heavy;
  return outcome?.kind === 'upstream_timeout' ? WAITS.short : WAITS.long;
}

const WAITS = {
  heavy: {
    connect_ms: 4000,
    first_byte_ms: 4000,
    first_token_ms: 4000,
    idle_ms: 4000,
    answer_ms: 4000,
    total_ms: 20_000,
  },
  short: {
    connect_ms: 400,
    first_byte_ms: 400,
    first_token_ms: 400,
    idle_ms: 400,
    answer_ms: 400,
    total_ms: 20_000,
  },
  long: {
    connect_ms: 5000,
    first_byte_ms: 10_000,
    first_token_ms: 10_000,
    idle_ms: 10_000,
    answer_ms: 10_000,
    total_ms: 20_000,
  },
} as const;
