import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../spec/ports.ts';
import type { Router } from '../router.ts';
import { AnswerHeads } from './answer-head.ts';
import { Connection, type ConnectionContext, type ConnectionLimits } from './connection.ts';

export interface Http1Options {
  readonly limits: ConnectionLimits;
  readonly router: Router;
  readonly clock: Clock;
}

/** The connections of a server: serves each socket it is given, ends what takes too long, and closes in order. */
export class Http1Server implements ConnectionContext {
  readonly router: Router;
  readonly heads: AnswerHeads;
  readonly limits: ConnectionLimits;
  draining = false;
  readonly #clock: Clock;
  readonly #connections = new Set<Connection>();
  #sweeping = false;

  constructor({ limits, router, clock }: Http1Options) {
    this.router = router;
    this.limits = limits;
    this.heads = new AnswerHeads(clock, limits.keepAliveMs);
    this.#clock = clock;
  }

  accept(socket: Socket): void {
    this.#connections.add(new Connection(this, socket));
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#clock.after(SWEEP_MS, () => this.#checkTimes());
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** From here on every answer is the last of its connection. */
  retire(): void {
    this.draining = true;
  }

  /** The same, and idle connections are closed. */
  drain(): void {
    this.retire();
    for (const connection of this.#connections) connection.drain();
  }

  destroyAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** One timer for all connections, and none where there are none. */
  #checkTimes(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const connection of this.#connections) connection.checkTime(nowMs);
    this.#sweeping = this.#connections.size > 0;
    if (this.#sweeping) this.#clock.after(SWEEP_MS, () => this.#checkTimes());
  }
}

/** How often time limits are looked at: they are kept to within this. */
const SWEEP_MS = 500;

/** After this silence the kernel asks whether the client is still there: an answer may take minutes. */
const PROBE_MS = 60_000;

/** Where a socket server listens. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly connectionsMax: number;
}

/** Listens and hands each connection to the server. */
export function listenHttp1(http1: Http1Server, options: ListenOptions): Promise<Server> {
  // A side that was ended is our own affair: see `Connection`.
  const socketOptions = {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_MS,
  };
  const server = createServer(socketOptions, (socket) => http1.accept(socket));
  server.maxConnections = options.connectionsMax;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, backlog: 4096 }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
