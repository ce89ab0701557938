import { composeGateway, type ComposedGateway } from '../../src/compose/compose-gateway.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { textToBytes } from '../../src/base/bytes.ts';
import type { Json } from '../../src/base/json.ts';
import type { Surface } from '../../src/gateway/call.ts';
import { CHAT_COMPLETIONS, MESSAGES } from '../../src/server/inference/surfaces.ts';
import type { GatewayEvent } from '../../src/spec/event.ts';
import type { Transport } from '../../src/spec/ports.ts';
import { RecordingSink, virtualRuntime, type VirtualRuntime } from '../../src/testing.ts';

/** A whole gateway on virtual time, with simulated providers and clients that record what they see. */
export interface World {
  readonly composed: ComposedGateway;
  readonly virtual: VirtualRuntime;
  readonly events: readonly GatewayEvent[];
  /** Sends a request; its answer is recorded in the sink as time passes. */
  send(request: SentRequest): Sent;
}

export interface SentRequest {
  readonly surface: 'chat' | 'messages';
  readonly body: Json;
  readonly headers?: { readonly [name: string]: string };
}

export interface Sent {
  readonly request: SentRequest;
  readonly sink: RecordingSink;
  readonly sentAtMs: number;
  /** Set when the gateway says that it is done with the request. */
  readonly done: () => boolean;
}

export interface WorldOptions {
  readonly seed: number;
  readonly config: Json;
  /** The way to providers that are not simulated; default nowhere. */
  readonly transport?: Transport;
  /** Public models that the caller may ask for; default all. */
  readonly models?: readonly string[];
}

const SURFACES: { readonly [name in SentRequest['surface']]: Surface } = {
  chat: CHAT_COMPLETIONS,
  messages: MESSAGES,
};

const CALLER = {
  keyId: 'key_sim',
  name: 'simulation',
  role: 'inference',
  models: null,
  directTargets: true,
  tags: [],
} as const;

/** Builds a world from a configuration and a seed. The same two give the same history, event for event. */
export async function createWorld({ seed, config, transport, models }: WorldOptions): Promise<World> {
  const virtual = virtualRuntime({
    seed,
    secrets: { 'env:PROVIDER_KEY': 'provider-key' },
    ...(transport === undefined ? {} : { transport }),
  });
  const loaded = loadConfig({ type: 'value', value: config }, virtual.runtime.secrets);
  const composed = await composeGateway({
    config: loaded.config,
    runtime: virtual.runtime,
    keys: { identify: () => ({ type: 'caller', caller: { ...CALLER, models: models ?? null } }) },
  });
  const events: GatewayEvent[] = [];
  composed.bus.subscribe('world', (event) => void events.push(event));
  return { composed, virtual, events, send: (request) => send(composed, virtual, request) };
}

function send(composed: ComposedGateway, { clock }: VirtualRuntime, request: SentRequest): Sent {
  const sink = new RecordingSink();
  const sentAtMs = clock.nowMs();
  let finished = false;
  const headers = new Map(Object.entries(request.headers ?? {}));
  void composed.gateway
    .serve({
      surface: SURFACES[request.surface],
      path: {},
      body: textToBytes(JSON.stringify(request.body)),
      client: { header: (name) => headers.get(name) },
      sink,
    })
    .then(() => {
      finished = true;
    });
  return { request, sink, sentAtMs, done: () => finished };
}
