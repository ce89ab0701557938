import type { Clock, Crypto, Random, Transport } from '../spec/ports.ts';
import { PromptCache } from './answer/usage.ts';
import { checkFault } from './faults/check-fault.ts';
import type { Fault, FaultKind } from './faults/fault.ts';
import { play } from './play.ts';
import { respond } from './respond.ts';
import type { Script, SimulatedRequest } from './script.ts';
import { settingsOf, type SimulatorSettings } from './settings.ts';

/** What the simulator needs of the outside world. */
export interface SimulatorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly settings?: SimulatorSettings;
}

/**
 * Simulated providers behind one door. Each has a name, the host of its addresses (`simulated://name/v1/...`); all names
 * exist. They answer deterministically, refuse what the real providers refuse, and fail on demand.
 */
export interface Simulator {
  /** What a provider does with a request; a driver plays the script. */
  respond(provider: string, request: SimulatedRequest): Script;
  /** A transport that plays `simulated:` addresses in the clock's time and hands everything else on. */
  transport(inner: Transport): Transport;
  /** Gives a provider a fault, or with null makes it well, until the next call. Throws where it is no fault that is known. */
  setFault(provider: string, fault: Fault | null): void;
  /** The faults that providers have at present, by name. */
  faults(): ReadonlyMap<string, Fault>;
}

/** The scheme of addresses that the simulator answers. */
export const SIMULATED_SCHEME = 'simulated:';

/** Makes a simulator. Nothing runs until a request comes. */
export function createSimulator({ clock, random, crypto, settings = {} }: SimulatorPorts): Simulator {
  const seed = settings.seed ?? 'simulator';
  const caches = new Map<string, PromptCache>();
  const changed = new Map<string, Fault | null>();
  let requests = 0;

  const faultOf = (provider: string): Fault | null => {
    const now = changed.get(provider);
    return now === undefined ? settingsOf(settings, provider).fault : now;
  };
  const cacheOf = (provider: string): PromptCache => {
    const cache = caches.get(provider) ?? new PromptCache();
    caches.set(provider, cache);
    return cache;
  };
  const simulator: Simulator = {
    respond: (provider, request) => {
      requests += 1;
      return respond(request, {
        provider,
        settings: settingsOf(settings, provider),
        fault: met(faultOf(provider), random),
        cache: cacheOf(provider),
        sign: (text) => crypto.hmac(`simulated signatures of ${seed}`, text),
        seed,
        requestSeed: `${seed}/${provider}/${requests}`,
        nowMs: clock.nowMs(),
      });
    },
    transport: (inner) => routed(simulator, clock, inner),
    setFault: (provider, fault) => {
      checkFault(fault);
      changed.set(provider, fault);
    },
    faults: () => {
      const names = new Set([...Object.keys(settings.providers ?? {}), ...changed.keys()]);
      const present = new Map<string, Fault>();
      for (const name of names) {
        const fault = faultOf(name);
        if (fault !== null) present.set(name, fault);
      }
      return present;
    },
  };
  return simulator;
}

// Chance is asked only where a fault hits a part of the requests, so other runs do not depend on it.
function met(fault: Fault | null, random: Random): FaultKind | null {
  if (fault === null) return null;
  const share = fault.share ?? 1;
  return share >= 1 || random.next() < share ? fault.kind : null;
}

function routed(simulator: Simulator, clock: Clock, inner: Transport): Transport {
  return {
    send: (request, handler) => {
      if (!request.url.startsWith(SIMULATED_SCHEME)) return inner.send(request, handler);
      const { provider, path } = addressOf(request.url);
      const { method, headers, body } = request;
      return play(clock, simulator.respond(provider, { method, path, headers, body }), request, handler);
    },
    close: () => inner.close(),
  };
}

// Read by hand: URL parsers disagree on hosts of schemes they do not know.
function addressOf(url: string): { readonly provider: string; readonly path: string } {
  const rest = url.slice(SIMULATED_SCHEME.length).replace(/^\/+/, '');
  const slash = rest.indexOf('/');
  if (slash < 0) return { provider: rest, path: '/' };
  return { provider: rest.slice(0, slash), path: rest.slice(slash) };
}
