import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { brandText } from '../base/brand.ts';
import { EMPTY_BYTES, type Bytes } from '../base/bytes.ts';
import type { Clock, Crypto, Random } from '../spec/ports.ts';
import type { Headers, TransportFailure, WireCall, WireHandler, WireRequest } from '../spec/wire.ts';
import { percentDecoded } from '../simulator/percent.ts';
import { play } from '../simulator/play.ts';
import type { SimulatorSettings } from '../simulator/settings.ts';
import { createSimulator, type Simulator } from '../simulator/simulator.ts';

/** Settings of a simulator that listens on a socket. */
export interface SimulateOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly settings?: SimulatorSettings;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: one that is free. */
  readonly port?: number;
}

/** A simulator that listens. */
export interface RunningSimulator {
  /** Address of the default provider, without a trailing slash; others are at `<url>/p/<name>`. */
  readonly url: string;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
  /** Changes faults while it runs. */
  readonly control: Pick<Simulator, 'setFault' | 'faults'>;
}

/** Name of the provider that answers at paths which name none. */
export const DEFAULT_PROVIDER_NAME = 'sim';

/** Serves simulated providers over HTTP: base URLs are `<url>/v1` and `<url>/p/<name>/v1`, or the same without version. */
export async function startSimulator(options: SimulateOptions): Promise<RunningSimulator> {
  // A server that strangers can reach asks for a key as the real providers do.
  const { settings = {}, ...ports } = options;
  const defaults = { keys: 'any' as const, ...settings.defaults };
  const simulator = createSimulator({ ...ports, settings: { ...settings, defaults } });
  const server = createServer((request, response) => {
    receive(request, response, simulator, options.clock);
  });
  const port = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const host = options.host ?? '127.0.0.1';
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () => closed(server),
    control: {
      setFault: (provider, fault) => simulator.setFault(provider, fault),
      faults: () => simulator.faults(),
    },
  };
}

/** The largest request body that is read. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
/** Longer than any client waits; timers cannot be set for longer than 2^31 - 1. */
const FOREVER_MS = 2_000_000_000;

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function receive(
  request: IncomingMessage,
  response: ServerResponse,
  simulator: Simulator,
  clock: Clock,
): void {
  const chunks: string[] = [];
  let size = 0;
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) request.destroy();
    else chunks.push(chunk);
  });
  // A client that leaves while it sends has nobody to answer to.
  request.on('error', () => response.destroy());
  request.on('end', () => answer(request, response, brandText<Bytes>(chunks.join('')), { simulator, clock }));
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Bytes,
  { simulator, clock }: { readonly simulator: Simulator; readonly clock: Clock },
): void {
  const { provider, path } = placeOf(request.url ?? '/');
  const script = simulator.respond(provider, {
    method: request.method ?? 'GET',
    path,
    headers: headersOf(request),
    body,
  });
  // The handler is never called from within `play`, so the call is there when it wants to pause.
  const call: WireCall = play(
    clock,
    script,
    ENDLESS,
    handlerOf(response, () => call.pause()),
  );
  response.on('drain', () => call.resume());
  response.on('close', () => call.abort());
}

// `/p/<name>/...` names the provider.
function placeOf(url: string): { readonly provider: string; readonly path: string } {
  const match = /^\/p\/([^/?]+)(\/.*)?$/.exec(url);
  return match === null
    ? { provider: DEFAULT_PROVIDER_NAME, path: url }
    : { provider: percentDecoded(match[1] ?? ''), path: match[2] ?? '/' };
}

function headersOf(request: IncomingMessage): Headers {
  const headers: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.push([(request.rawHeaders[i] ?? '').toLowerCase(), request.rawHeaders[i + 1] ?? '']);
  }
  return headers;
}

// The player only reads how long a client would wait for the head; over a socket the client decides that itself.
const ENDLESS: WireRequest = {
  method: 'POST',
  url: '',
  headers: [],
  body: EMPTY_BYTES,
  connectTimeoutMs: FOREVER_MS,
  headTimeoutMs: FOREVER_MS,
};

function handlerOf(response: ServerResponse, pause: () => void): WireHandler {
  return {
    onHead: (status, headers) => {
      response.writeHead(
        status,
        headers.flatMap(([name, value]) => [name, value]),
      );
      response.flushHeaders();
    },
    onData: (bytes) => {
      if (!response.write(bytes, 'latin1')) pause();
    },
    onEnd: () => {
      response.end();
    },
    onFail: (failure) => breakOff(response, failure),
  };
}

// What was written before goes out first. Over a socket a refused connection can only be shown as a reset one: the
// listener is shared by all simulated providers.
function breakOff(response: ServerResponse, failure: TransportFailure): void {
  const { socket } = response;
  if (socket === null) return;
  socket.write('', () => {
    if (failure.type === 'truncated') socket.destroySoon();
    else socket.resetAndDestroy();
  });
}
