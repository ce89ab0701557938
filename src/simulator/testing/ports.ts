import { createCrypto } from '../../node/crypto.ts';
import type { Crypto, Random, Transport } from '../../spec/ports.ts';
import type { Bytes } from '../../base/bytes.ts';
import { textToBytes } from '../../base/bytes.ts';
import type { Headers, TransportFailure, WireRequest } from '../../spec/wire.ts';
import type { VirtualClock } from '../../testing/virtual-clock.ts';
import type { SimulatorSettings } from '../settings.ts';
import { diceFrom } from '../answer/dice.ts';

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
    crypto: createCrypto(),
    settings,
  };
}

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
  const startedMs = clock.monotonicMs();
  transport.send(request, {
    onHead: (status, headers) => {
      heard.status = status;
      heard.headers = headers;
    },
    onData: (bytes) => {
      heard.arrivals.push({ atMs: clock.monotonicMs() - startedMs, bytes });
      heard.body += bytes;
    },
    onEnd: () => {
      heard.ended = true;
    },
    onFail: (failure) => {
      heard.failure = failure;
    },
  });
  clock.advanceAtOnce(600_000);
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
