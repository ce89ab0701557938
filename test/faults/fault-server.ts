import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  connect,
  createServer as createPlainServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  startFaultServer,
  type FaultStep,
  type ReceivedRequest,
} from '../../src/node/testing/fault-server.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../src/node/testing/tls-fixture.ts';
import { ANSWER } from './answers.ts';
import type { FaultWire } from './catalogue.ts';
import { healthy, healthyCalls, type Asked, type FaultScript } from './scripts.ts';
import { END, json } from './steps.ts';

/**
 * Where a fault waits. `path`: below a path of the one server, answered by its script. The others fail before any HTTP
 * is spoken, or need connections of their own: nothing listens (`refused`), the name is not known (`unknown-name`),
 * connections are never accepted (`black-hole`), a certificate of nobody we trust (`tls-untrusted`), a reset or junk in
 * place of a TLS handshake, a kept connection that is closed just as the next request comes (`stale`), and an answer
 * with an end of the connection before the request is whole (`early`).
 */
export type FaultPlace = 'path' | (typeof OTHER_PLACES)[number];
const OTHER_PLACES = [
  'refused',
  'unknown-name',
  'black-hole',
  'tls-untrusted',
  'tls-reset',
  'tls-junk',
  'stale',
  'early',
] as const;

/** A provider that fails on purpose, on real sockets. */
export interface ProviderOfFaults {
  /** Base URL of a provider of this wire that behaves as the script says. */
  faulty(script: FaultScript, wire: FaultWire): string;
  /** Base URL of one that answers well. */
  healthy(wire: FaultWire): string;
  /** Base URL of one that fails as this place does. */
  at(place: Exclude<FaultPlace, 'path'>, wire: FaultWire): string;
  /** The requests of one base URL, as they were received. */
  requestsTo(baseUrl: string): readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** Starts it, on free ports of the loopback interface. */
export async function startProviderOfFaults(): Promise<ProviderOfFaults> {
  const scripts: FaultScript[] = [];
  const server = await startFaultServer((request) => answer(request, scripts));
  const [stale, raw] = await Promise.all([startFaultServer(staleAnswer), startRawServers()]);
  const origins = { ...raw.origins, stale: stale.url };
  return {
    faulty: (script, wire) => {
      scripts.push(script);
      return `${server.url}/fault/${scripts.length - 1}/${wire}`;
    },
    healthy: (wire) => `${server.url}/healthy/0/${wire}`,
    at: (place, wire) => `${origins[place]}/${place}/0/${wire}`,
    requestsTo: (baseUrl) => {
      const prefix = `${new URL(baseUrl).pathname}/`;
      return server.requests.filter(({ path }) => path.startsWith(prefix));
    },
    close: async () => {
      await Promise.all([server.close(), stale.close(), raw.close()]);
    },
  };
}

function answer(request: ReceivedRequest, scripts: readonly FaultScript[]): readonly FaultStep[] {
  const [, place, number] = request.path.split('/');
  const asked = askedBy(request);
  if (place === 'healthy') return healthyAnswer(request, asked);
  return scripts[Number(number)]?.(asked) ?? json('{}');
}

/** What a request asks for: its wire stands in the path, and whether it streams in the path or the body. */
export function askedBy({ path, body }: Pick<ReceivedRequest, 'path' | 'body'>): Asked {
  const [, , , wire = ''] = path.split('/');
  return {
    wire: wire === 'messages' || wire === 'gemini' ? wire : 'chat',
    streamed: path.includes('stream') || /"stream":\s*true/.test(body),
  };
}

// A good provider takes a last message of the assistant for the begin of its answer, as real ones do.
function healthyAnswer({ body }: ReceivedRequest, asked: Asked): readonly FaultStep[] {
  if (body.includes('"look_up"')) return healthyCalls(asked);
  const said = begunText(body);
  if (said === null) return healthy(asked);
  const rest = ANSWER.slice(said.length);
  return healthy(asked, { pieces: rest.match(/.{1,7}/gsu) ?? [] });
}

function begunText(body: string): string | null {
  const text = Buffer.from(body, 'latin1').toString('utf8');
  const begun = text.includes('"assistant"') || text.includes('"role":"model"');
  if (!begun) return null;
  for (let length = ANSWER.length; length > 0; length -= 1) {
    if (text.includes(JSON.stringify(ANSWER.slice(0, length)).slice(0, -1))) return ANSWER.slice(0, length);
  }
  return null;
}

// The first request of a connection is answered well, and the connection kept; the next one meets its end.
function staleAnswer(request: ReceivedRequest): readonly FaultStep[] {
  return request.sequence === 0 ? healthy(askedBy(request)) : [END];
}

interface RawServers {
  readonly origins: { readonly [place in Exclude<FaultPlace, 'path' | 'stale'>]: string };
  close(): Promise<void>;
}

async function startRawServers(): Promise<RawServers> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => void sockets.delete(socket));
  };
  const refused = createPlainServer();
  const untrusted = createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, keep);
  untrusted.on('connection', keep);
  untrusted.on('tlsClientError', () => undefined);
  const reset = createPlainServer((socket) => {
    keep(socket);
    socket.once('data', () => socket.resetAndDestroy());
  });
  const junk = createPlainServer((socket) => {
    keep(socket);
    socket.once('data', () => socket.write('\u0016\u0003\u0003\u0000\u0005junk!'));
  });
  const early = createPlainServer((socket) => {
    keep(socket);
    // The head is answered; the body is never read.
    socket.once('data', () => {
      socket.pause();
      socket.end(
        'HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 28\r\nconnection: close\r\n\r\n{"detail":"Invalid API Key"}',
      );
    });
  });
  const hole = await startBlackHole();
  const servers = [refused, untrusted, reset, junk, early];
  const [refusedPort, untrustedPort, resetPort, junkPort, earlyPort] = await Promise.all(servers.map(listen));
  await closed(refused);
  return {
    origins: {
      refused: `http://127.0.0.1:${refusedPort}`,
      'unknown-name': 'http://no-such-provider.invalid',
      'black-hole': hole.url,
      'tls-untrusted': `https://127.0.0.1:${untrustedPort}`,
      'tls-reset': `https://127.0.0.1:${resetPort}`,
      'tls-junk': `https://127.0.0.1:${junkPort}`,
      early: `http://127.0.0.1:${earlyPort}`,
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      hole.close();
      await Promise.all(servers.slice(1).map(closed));
    },
  };
}

/** Enough connections that a queue for one is full. */
const QUEUED = 8;

// A process that listens and is stopped: once the queue of connections that it has not accepted is full, the system drops
// what comes, as a host does that is gone.
async function startBlackHole(): Promise<{ readonly url: string; close(): void }> {
  const program =
    "require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})";
  const listener = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(listener.stdout, 'data');
  listener.kill('SIGSTOP');
  const port = Number(String(line).trim());
  const queued = Array.from({ length: QUEUED }, () =>
    connect(port, '127.0.0.1').on('error', () => undefined),
  );
  if (queued[0] !== undefined) await once(queued[0], 'connect');
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      for (const socket of queued) socket.destroy();
      listener.kill('SIGKILL');
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
