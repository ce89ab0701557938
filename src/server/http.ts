import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServerConfig } from '../config/config.ts';
import { EMPTY_BYTES } from '../base/bytes.ts';
import { GatewayError } from '../spec/error.ts';
import type { Clock, Log } from '../spec/ports.ts';
import { HttpSink } from './http-sink.ts';
import { readBody } from './read-body.ts';
import { splitTarget, type ServerRequest } from './request.ts';
import type { Router } from './router.ts';

/** A server that listens. */
export interface ListeningServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Takes no new connections, lets requests under way finish up to the grace, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

export interface HttpOptions {
  readonly config: ServerConfig;
  readonly router: Router;
  readonly log: Log;
  readonly clock: Clock;
}

/** Bytes and number of header lines that a client may send. */
const HEADER_BYTES_MAX = 64 * 1024;
const HEADERS_MAX = 200;

/** Starts serving HTTP. node:http parses (llhttp, strict), so smuggling and broken framing never reach our code. */
export async function startHttp(options: HttpOptions): Promise<ListeningServer> {
  const { config, clock } = options;
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: config.headTimeoutMs,
      requestTimeout: config.bodyTimeoutMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: config.keepAliveMs,
      insecureHTTPParser: false,
      joinDuplicateHeaders: false,
      noDelay: true,
    },
    (message, response) => receive(message, response, options),
  );
  server.maxHeadersCount = HEADERS_MAX;
  server.maxConnections = config.connectionsMax;
  server.on('clientError', refuseUnreadable);
  const { port } = await listen(server, config);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const shown = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : host;
  return {
    url: `http://${shown}:${port}`,
    host: config.host,
    port,
    close: (graceMs) => drain(server, clock, graceMs),
  };
}

function receive(message: IncomingMessage, response: ServerResponse, options: HttpOptions): void {
  const { path, query } = splitTarget(message.url ?? '/');
  const sink = new HttpSink(response);
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

// What node:http could not read as a request has no path and so no protocol: the envelope is the one that both of the
// common client libraries can read.
function refuseUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, message] = UNREADABLE.get(error.code ?? '') ?? [
    '400 Bad Request',
    'The request is not valid HTTP/1.1.',
  ];
  const type = 'invalid_request_error';
  const body = JSON.stringify({ type: 'error', error: { type, message, param: null, code: null } });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

const UNREADABLE: ReadonlyMap<string, readonly [status: string, message: string]> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    ['431 Request Header Fields Too Large', `The headers are longer than ${HEADER_BYTES_MAX} bytes.`],
  ],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'The request did not arrive whole in time.']],
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
    server.close(() => {
      cut.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
