import type { CircuitState, GatewayEvent } from '../../../src/spec/event.ts';
import type { SimClient } from '../history/client.ts';
import { candidatesOf } from '../history/configuration.ts';
import type { History } from '../history/history.ts';
import { targetName, type Fault } from '../history/script.ts';
import type { QuickCall } from '../quick/network.ts';

/** A rate limit, quota or key that a provider told of. */
export interface Park {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Whether the provider itself said until when. */
  readonly told: boolean;
}

/** A circuit as its events tell. */
export interface Circuit {
  readonly state: CircuitState;
  readonly sinceMs: number;
}

/** How long something is taken for parked that said nothing of the kind; beyond any wait of a gateway. */
const UNTOLD_MS = 120_000;

/** What the gateway should know of its targets, put together from the network and the events, apart from its own memory. */
export class Standings {
  readonly #history: History;
  readonly #circuits = new Map<string, Circuit>();
  readonly #told = new Map<string, Park>();
  readonly #untold = new Map<string, Park>();
  readonly #open = new Map<string, QuickCall[]>();

  constructor(history: History) {
    this.#history = history;
  }

  hear(event: GatewayEvent): void {
    if (event.type === 'config-reloaded') this.#forgetChangedKeys();
    if (event.type !== 'circuit-changed') return;
    const key = keyOf(event.target, event.keyIndex);
    this.#circuits.set(key, { state: event.to, sinceMs: this.#history.elapsedMs() });
  }

  // Where a list of keys changed, their positions mean others than before; what is in no model any more is forgotten.
  #forgetChangedKeys(): void {
    const { version, versions } = this.#history;
    const next = versions[version.number + 1];
    version.keys.forEach((keys, provider) => {
      if (next === undefined) return;
      const named = next.models.some(({ targets }) => targets.includes(provider));
      if (named && next.keys[provider] === keys) return;
      for (let key = 0; key < keys; key += 1) {
        this.#circuits.delete(keyOf(targetName(provider), key));
        this.#told.delete(keyOf(targetName(provider), key));
        this.#untold.delete(keyOf(targetName(provider), key));
      }
    });
  }

  called(call: QuickCall): void {
    const key = keyOf(call.target, call.keyIndex);
    const list = this.#open.get(key);
    if (list === undefined) this.#open.set(key, [call]);
    else list.push(call);
  }

  ended(call: QuickCall): void {
    const key = keyOf(call.target, call.keyIndex);
    const list = this.#open.get(key);
    if (list !== undefined) {
      const left = list.filter((each) => each !== call);
      this.#open.set(key, left);
    }
    // A good answer proves that the key is alive; a time that was told stands.
    const park = this.#untold.get(key);
    if (call.finishAtMs !== null && park !== undefined && call.atMs >= park.fromMs) this.#untold.delete(key);
    const refused = limitOf(call.fault);
    if (refused !== null && call.ending === 'whole') this.#park(key, refused, call);
  }

  // Failures of calls that were under way when it was parked already are no news.
  #park(key: string, refused: Refused, { retryAfterMs, atMs }: QuickCall): void {
    const nowMs = this.#history.elapsedMs();
    const told = refused === 'limit' && retryAfterMs !== null;
    const untilMs = nowMs + (retryAfterMs ?? (refused === 'limit' ? UNTOLD_MS : Infinity));
    const parks = told ? this.#told : this.#untold;
    const before = parks.get(key);
    const fromMs = before !== undefined && atMs < before.fromMs ? before.fromMs : nowMs;
    if (before === undefined || before.untilMs <= untilMs) parks.set(key, { fromMs, untilMs, told });
  }

  circuit(target: string, keyIndex: number): Circuit {
    return this.#circuits.get(keyOf(target, keyIndex)) ?? WELL;
  }

  /** The park that is in force, one that was told before one that was not; null where there is none. */
  park(target: string, keyIndex: number): Park | null {
    const key = keyOf(target, keyIndex);
    const nowMs = this.#history.elapsedMs();
    const told = this.#told.get(key);
    if (told !== undefined && told.untilMs > nowMs) return told;
    const untold = this.#untold.get(key);
    return untold === undefined || untold.untilMs <= nowMs ? null : untold;
  }

  /** Calls under way there, but for this one. */
  others(call: QuickCall): readonly QuickCall[] {
    return (this.#open.get(keyOf(call.target, call.keyIndex)) ?? []).filter((each) => each !== call);
  }

  /** Whether a request has, beside this call, a key of a target that it did not try and that nothing stands against. */
  hasBetter(client: SimClient, call: QuickCall): boolean {
    const { request, version } = client;
    return candidatesOf(version, request).some((provider) => {
      const target = targetName(provider);
      if (request.fallbackOff && provider !== call.provider) return false;
      return Array.from({ length: version.keys[provider] ?? 1 }, (_, key) => key).some((key) => {
        // Another key helps against a limit, not against a provider that fails.
        const tried = client.calls.some(
          (each) =>
            each.provider === provider && (each.keyIndex === key || each === call || !isOfKey(each.fault)),
        );
        return !tried && this.circuit(target, key).state === 'closed' && this.park(target, key) === null;
      });
    });
  }
}

const WELL: Circuit = { state: 'closed', sinceMs: 0 };

function keyOf(target: string, keyIndex: number): string {
  return `${target}#${keyIndex}`;
}

type Refused = 'limit' | 'quota' | 'key' | 'missing';

/** What a fault says of a limit: a rate, a quota, the key or the model; null where it is another kind of fault. */
export function limitOf(fault: Fault | null): Refused | null {
  if (fault?.type !== 'status') return null;
  switch (fault.refusal) {
    case 'limit':
    case 'quota':
    case 'key':
    case 'missing':
      return fault.refusal;
    default:
      return null;
  }
}

/** Whether another key may help where this one is refused. */
function isOfKey(fault: Fault | null): boolean {
  const limit = limitOf(fault);
  return limit !== null && limit !== 'missing';
}

/** Whether a fault is the provider's own, which its health must suffer from. */
export function hurts(fault: Fault | null): boolean {
  if (fault === null || limitOf(fault) !== null) return false;
  if (fault.type === 'status') return fault.refusal === 'server' || fault.refusal === 'busy';
  return fault.type !== 'duplicate' && fault.type !== 'odd-finish';
}

/** Whether a provider was well under one of its keys from the request's start to now, and nothing parked it. */
export function wellThroughout(
  history: History,
  standings: Standings,
  client: SimClient,
  provider: number,
): boolean {
  const toMs = history.elapsedMs();
  const disturbed = history.script.faults.some(
    (fault) => fault.provider === provider && fault.fromMs <= toMs && fault.untilMs >= client.startedMs,
  );
  if (disturbed) return false;
  const keys = Array.from({ length: client.version.keys[provider] ?? 1 }, (_, key) => key);
  return keys.some((key) => standings.park(targetName(provider), key) === null);
}
