import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Crypto, Random, Timer, Transport } from '../../spec/ports.ts';
import type { Bytes } from '../../base/bytes.ts';
import { textToBytes } from '../../base/bytes.ts';
import type { Headers, TransportFailure, WireRequest } from '../../spec/wire.ts';
import type { SimulatorSettings } from '../settings.ts';
import { diceFrom } from '../answer/dice.ts';

/** A clock whose time passes only when it is told to. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  readonly #timers = new Map<number, { readonly atMs: number; readonly callback: () => void }>();

  nowMs(): number {
    return 1_780_000_000_000 + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): Timer {
    this.#order += 1;
    const id = this.#order;
    this.#timers.set(id, { atMs: this.#nowMs + ms, callback });
    return { cancel: () => void this.#timers.delete(id) };
  }

  /** Lets this much time pass. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#timers].toSorted(([a, x], [b, y]) => x.atMs - y.atMs || a - b)[0];
      if (next === undefined || next[1].atMs > endMs) break;
      this.#timers.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1].atMs);
      next[1].callback();
    }
    this.#nowMs = endMs;
  }
}

/** The ports of a simulator for tests: virtual time, seeded chance, real hashes. */
export function testPorts(
  settings: SimulatorSettings,
  clock: VirtualClock,
): {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly settings: SimulatorSettings;
} {
  const dice = diceFrom('chance');
  return {
    clock,
    random: { next: () => dice.next(), hex: (bytes) => '0'.repeat(bytes * 2) },
    crypto: REAL_CRYPTO,
    settings,
  };
}

/** Real hashes. */
export const REAL_CRYPTO: Crypto = {
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  equal: (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b)),
};

/** A transport that must not be used. */
export const NO_NETWORK: Transport = {
  send: () => {
    throw new Error('the test reached for the network');
  },
  close: async () => {},
};

/** What a handler heard of one request. */
export interface HeardCall {
  status: number | null;
  headers: Headers;
  body: string;
  readonly arrivals: { readonly atMs: number; readonly bytes: Bytes }[];
  ended: boolean;
  failure: TransportFailure | null;
}

/** Sends one request through a transport and lets time pass until it is over, or for ten minutes. */
export function exchange(transport: Transport, clock: VirtualClock, request: WireRequest): HeardCall {
  const heard: HeardCall = { status: null, headers: [], body: '', arrivals: [], ended: false, failure: null };
  transport.send(request, {
    onHead: (status, headers) => {
      heard.status = status;
      heard.headers = headers;
    },
    onData: (bytes) => {
      heard.arrivals.push({ atMs: clock.monotonicMs(), bytes });
      heard.body += bytes;
    },
    onEnd: () => {
      heard.ended = true;
    },
    onFail: (failure) => {
      heard.failure = failure;
    },
  });
  clock.advance(600_000);
  return heard;
}

/** A request of the gateway to a simulated provider. */
export function wireRequest(url: string, body: unknown, headers: Headers = []): WireRequest {
  return {
    method: body === undefined ? 'GET' : 'POST',
    url,
    headers: [['authorization', 'Bearer sk-test'], ['anthropic-version', '2023-06-01'], ...headers],
    body: textToBytes(body === undefined ? '' : JSON.stringify(body)),
    connectTimeoutMs: 1000,
    headTimeoutMs: 60_000,
  };
}
