import { textToBytes } from '../base/bytes.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { presentedKey } from '../gateway/admit.ts';
import { GatewayError } from '../spec/error.ts';
import type { Log, Runtime } from '../spec/ports.ts';
import type { KeyDirectoryView, QueueDesk } from '../store/store.ts';
import { inferenceRoutes } from './inference/routes.ts';
import { CHAT_COMPLETIONS, surfaceForPath } from './inference/surfaces.ts';
import { queueRoutes } from './queue/routes.ts';
import type { ServerRequest } from './request.ts';
import { createRouter, type Handler, type RouteEntry, type Router } from './router.ts';

/** What the addresses outside the inference APIs show. */
export interface HealthPorts {
  /** Whether the instance was told to stop. */
  draining(): boolean;
  /** Null where the store works, otherwise what is wrong. */
  store(): Promise<string | null>;
  inFlight(): number;
  readonly version: string;
}

export interface RouteOptions {
  readonly gateway: Gateway;
  readonly admin: Handler;
  readonly health: HealthPorts;
  /** Renders the metrics; null where they are off. */
  readonly metrics: ((accept: string | undefined) => { readonly type: string; readonly text: string }) | null;
  readonly metricsAccess: 'open' | 'admin-key' | 'off';
  readonly keys: KeyDirectoryView;
  readonly requestId: () => string;
  readonly log: Log;
  /** Null where no queue is kept. */
  readonly queue: QueueDesk | null;
}

/** Every address that an instance serves. */
export function createRoutes(options: RouteOptions): Router {
  const { gateway, admin, log } = options;
  return createRouter({
    routes: [
      ...inferenceRoutes(gateway, options.queue),
      ...queueRoutes({ gateway, desk: options.queue, keys: options.keys }),
      get('/livez', (request) => answer(request, 200, { status: 'ok' })),
      get('/readyz', (request) => ready(request, options)),
      get('/healthz', (request) => health(request, options)),
      get('/metrics', (request) => metrics(request, options)),
      get('/', (request) => answer(request, 200, welcome(options))),
      { path: '/admin/v1/*', surface: CHAT_COMPLETIONS, methods: anyMethod(admin) },
    ],
    surfaceFor: surfaceForPath,
    requestId: options.requestId,
    fault: (error, request) => logFault(log, error, request),
  });
}

/** The inference APIs alone, for a gateway without a server of its own. */
export function inferenceRouter(gateway: Gateway, { random, log }: Pick<Runtime, 'random' | 'log'>): Router {
  return createRouter({
    routes: inferenceRoutes(gateway, null),
    surfaceFor: surfaceForPath,
    requestId: () => `req_${random.hex(12)}`,
    fault: (error, request) => logFault(log, error, request),
  });
}

function logFault(log: Log, error: unknown, { path }: ServerRequest): void {
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error('a request failed on a fault of our own', { path, cause });
}

function get(path: string, handler: Handler): RouteEntry {
  return { path, surface: CHAT_COMPLETIONS, methods: { GET: handler, HEAD: handler } };
}

function anyMethod(handler: Handler): RouteEntry['methods'] {
  return { GET: handler, HEAD: handler, POST: handler, PUT: handler, PATCH: handler, DELETE: handler };
}

// Ready means that traffic should come here. A provider that is down is no reason to send it elsewhere.
async function ready(request: ServerRequest, { health: ports }: RouteOptions): Promise<void> {
  if (ports.draining()) answer(request, 503, { status: 'draining' });
  else answer(request, 200, { status: 'ready' });
}

async function health(request: ServerRequest, { gateway, health: ports }: RouteOptions): Promise<void> {
  const wrong = await ports.store();
  answer(request, 200, {
    status: ports.draining() ? 'draining' : wrong === null ? 'ok' : 'degraded',
    version: ports.version,
    in_flight: ports.inFlight(),
    models: gateway.models().length,
    store: wrong === null ? 'ok' : 'failing',
  });
}

function metrics(request: ServerRequest, options: RouteOptions): void {
  if (options.metrics === null)
    throw new GatewayError('not_found', 'Metrics are switched off (observe.metrics).');
  if (options.metricsAccess === 'admin-key') requireAdmin(request, options.keys);
  const { type, text } = options.metrics(request.header('accept'));
  request.sink.answer(200, ['content-type', type], textToBytes(text));
}

function requireAdmin(request: ServerRequest, keys: KeyDirectoryView): void {
  const found = keys.identify(presentedKey(request));
  if (found.type === 'refused') throw new GatewayError('unauthenticated', found.message);
  if (found.caller.role !== 'admin') throw new GatewayError('forbidden', 'Metrics are for admin keys here.');
}

function welcome({ health: ports }: RouteOptions): object {
  return {
    name: 'Bellwether',
    version: ports.version,
    apis: [
      '/v1/chat/completions',
      '/v1/embeddings',
      '/v1/models',
      '/v1/messages',
      '/v1/queue',
      '/admin/v1/openapi.json',
    ],
    health: ['/livez', '/readyz', '/healthz', '/metrics'],
  };
}

function answer({ sink }: ServerRequest, status: number, body: object): void {
  sink.answer(status, [], textToBytes(`${JSON.stringify(body)}\n`));
}
