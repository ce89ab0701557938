import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServerConfig } from '../config/config.ts';
import { EMPTY_BYTES } from '../base/bytes.ts';
import { GatewayError } from '../spec/error.ts';
import type { Clock, Timer } from '../spec/ports.ts';
import { HttpSink, type Retirement } from './http-sink.ts';
import type { BoundServer, HttpOptions } from './bound-server.ts';
import { readBody } from './read-body.ts';
import { splitTarget, type ServerRequest } from './request.ts';
import { HEAD_BYTES_MAX, HEADERS_MAX, unreadableAnswer, type Refusal } from './unreadable.ts';

/** Starts a server on node:http, which parses with llhttp in its strict mode. */
export async function startNodeHttp(options: HttpOptions): Promise<BoundServer> {
  const { config, clock } = options;
  const retirement: Retirement = { retired: false };
  const server = createServer(
    {
      maxHeaderSize: HEAD_BYTES_MAX,
      headersTimeout: config.headTimeoutMs,
      requestTimeout: config.bodyTimeoutMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: config.keepAliveMs,
      insecureHTTPParser: false,
      joinDuplicateHeaders: false,
      noDelay: true,
    },
    (message, response) => receive(message, response, options, retirement),
  );
  server.maxHeadersCount = HEADERS_MAX;
  server.maxConnections = config.connectionsMax;
  server.on('clientError', refuseUnreadable);
  const { port } = await listen(server, config);
  const retire = (): void => {
    retirement.retired = true;
  };
  return {
    port,
    retire,
    close: (graceMs) => {
      retire();
      return drain(server, clock, graceMs);
    },
  };
}

// oxlint-disable-next-line max-params -- a request, its answer, and the server's options and state
function receive(
  message: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
  retirement: Retirement,
): void {
  const { path, query } = splitTarget(message.url ?? '/');
  const sink = new HttpSink(response, retirement);
  readBody(message, options.config.bodyBytesMax, (result) => {
    if (result.type === 'gone') return;
    const request: ServerRequest = {
      method: message.method ?? 'GET',
      path,
      query,
      header: (name) => headerText(message.headers[name]),
      headers: message.headers,
      body: result.type === 'read' ? result.body : EMPTY_BYTES,
      address: message.socket.remoteAddress ?? '',
      sink,
    };
    if (result.type === 'read') {
      options.router.route(request);
      return;
    }
    const limit = options.config.bodyBytesMax;
    response.shouldKeepAlive = false;
    options.router.refuse(
      request,
      new GatewayError('payload_too_large', `The body is longer than ${limit} bytes.`),
    );
    message.resume();
  });
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function refuseUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  socket.end(unreadableAnswer(REFUSALS.get(error.code ?? '') ?? INVALID));
}

const INVALID: Refusal = { status: 400, message: 'The request is not valid HTTP/1.1.' };

const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ['HPE_HEADER_OVERFLOW', { status: 431, message: `The headers are longer than ${HEAD_BYTES_MAX} bytes.` }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, message: 'The request did not arrive whole in time.' }],
]);

function listen(server: Server, { host, port }: ServerConfig): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no TCP address'));
      else resolve(address);
    });
  });
}

function drain(server: Server, clock: Clock, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = clock.after(graceMs, () => server.closeAllConnections());
    let look: Timer | null = null;
    // A connection whose answer had promised more becomes idle only later.
    const closeIdle = (): void => {
      server.closeIdleConnections();
      look = clock.after(IDLE_LOOK_MS, closeIdle);
    };
    server.close(() => {
      cut.cancel();
      look?.cancel();
      resolve();
    });
    closeIdle();
  });
}

const IDLE_LOOK_MS = 100;
