import type { Clock, Log, Transport } from '../spec/ports.ts';
import type { WireCall, WireHandler, WireRequest } from '../spec/wire.ts';
import { Call, type CallContext } from './http/call.ts';
import type { Refusal } from './http/failure.ts';
import { OriginPool, type PoolContext } from './http/origin-pool.ts';
import { requestHead } from './http/request-text.ts';
import { systemResolve, type Resolve } from './http/resolve.ts';
import { TargetCache, type Target } from './http/target.ts';

/** Bounds and surroundings of the transport; every one has a default. */
export interface TransportOptions {
  /** Connections to one origin; default 16,384. A request may state its own. */
  readonly connectionsPerOriginMax?: number;
  /** Calls that may wait for a connection to one origin; default 1024. */
  readonly waitingPerOriginMax?: number;
  /** How long an unused connection is kept; default 30 s, or less where the server says so. */
  readonly idleMs?: number;
  /** Largest body after a content coding is taken off; default 64 MiB. */
  readonly decompressedBytesMax?: number;
  /** How names are resolved; default the system's resolver. */
  readonly resolve?: Resolve;
  /** Certificate authorities in PEM instead of the system's; default none. */
  readonly ca?: string;
}

/** How many connections a transport holds, over all origins. */
export interface ConnectionCounts {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

/** A transport over the real network. */
export interface NodeTransport extends Transport {
  counts(): ConnectionCounts;
}

/**
 * The way to providers: an HTTP/1.1 client of our own on node:net and node:tls, because a general one costs more per call
 * than everything else the gateway does (docs/decisions/0006-own-http-client.md). Strict in what it reads, exact in what it sends; no redirects, no cookies, no pipelining. A request is sent a second time only when a kept connection turned out
 * to be closed before any byte of an answer.
 */
export function createTransport(
  ports: { readonly clock: Clock; readonly log: Log },
  options: TransportOptions = {},
): NodeTransport {
  return new HttpTransport(ports, options);
}

class HttpTransport implements NodeTransport {
  readonly #callContext: CallContext;
  readonly #poolContext: PoolContext;
  readonly #targets = new TargetCache();
  readonly #pools = new Map<string, OriginPool>();
  readonly #allGone = Promise.withResolvers<void>();
  #closing = false;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }, options: TransportOptions) {
    this.#callContext = {
      clock,
      log,
      decompressedBytesMax: options.decompressedBytesMax ?? 64 * 1024 * 1024,
    };
    this.#poolContext = {
      clock,
      limits: {
        connectionsMax: options.connectionsPerOriginMax ?? 16_384,
        waitingMax: options.waitingPerOriginMax ?? 1024,
        idleMs: options.idleMs ?? 30_000,
      },
      connection: {
        resolve: options.resolve ?? systemResolve,
        ca: options.ca,
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      },
    };
  }

  send(request: WireRequest, handler: WireHandler): WireCall {
    const target = this.#targets.get(request.url, request.allowPrivate ?? false);
    if ('type' in target) return this.#refuse(request, handler, target);
    const head = requestHead(request, target);
    if (typeof head !== 'string') return this.#refuse(request, handler, head);
    if (this.#closing) return this.#refuse(request, handler, CLOSED);
    const call = new Call(this.#callContext, { request, target, head }, handler);
    this.#pool(target).send(call, request.connectionsMax ?? this.#poolContext.limits.connectionsMax);
    return call;
  }

  counts(): ConnectionCounts {
    let [open, idle, waiting] = [0, 0, 0];
    for (const pool of this.#pools.values()) {
      const counts = pool.counts;
      open += counts.open;
      idle += counts.idle;
      waiting += counts.waiting;
    }
    return { open, idle, waiting };
  }

  /** Calls under way fail, connections are closed; resolves when the last socket is gone. */
  close(): Promise<void> {
    // Set first: a handler that hears of its failure may send again at once.
    this.#closing = true;
    for (const pool of this.#pools.values()) pool.close();
    if (this.#pools.size === 0) this.#allGone.resolve();
    return this.#allGone.promise;
  }

  #pool(target: Target): OriginPool {
    const known = this.#pools.get(target.poolKey);
    if (known !== undefined) return known;
    const pool = new OriginPool(this.#poolContext, () => this.#dropPool(target.poolKey));
    this.#pools.set(target.poolKey, pool);
    return pool;
  }

  #dropPool(key: string): void {
    this.#pools.delete(key);
    if (this.#closing && this.#pools.size === 0) this.#allGone.resolve();
  }

  /** The handler hears of it after `send` has returned, as of every other failure. */
  #refuse(request: WireRequest, handler: WireHandler, refusal: Refusal): WireCall {
    const call = new Call(this.#callContext, { request, target: NOWHERE, head: '' }, handler);
    queueMicrotask(() => call.fail(refusal));
    return call;
  }
}

/** One read of the socket; TLS records are at most 16 KB, plain TCP may deliver more at once. */
const READ_BYTES = 65_536;

const CLOSED: Refusal = {
  type: 'connect',
  message: 'The gateway is shutting down and makes no new connections.',
};

const NOWHERE: Target = {
  poolKey: '',
  secure: false,
  host: '',
  port: 0,
  authority: '',
  path: '',
  allowPrivate: false,
};
