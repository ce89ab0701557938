import type { Clock, Timer } from '../../spec/ports.ts';
import type { Call, CallHolder } from './call.ts';
import type { Refusal } from './failure.ts';
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.ts';

/** Bounds of one origin's connections. */
export interface PoolLimits {
  readonly connectionsMax: number;
  /** Calls that may wait for a connection when all are busy. */
  readonly waitingMax: number;
  /** How long a connection is kept without a call, unless the server announced less. */
  readonly idleMs: number;
}

/** What all pools of a transport share. */
export interface PoolContext {
  readonly clock: Clock;
  readonly limits: PoolLimits;
  readonly connection: ConnectionOptions;
}

/**
 * The connections to one origin. The one that was freed last is used first, so that the others can grow old and be
 * closed, and the one in use is the one least likely to have been closed by the server meanwhile.
 */
export class OriginPool implements ConnectionOwner, CallHolder {
  readonly #context: PoolContext;
  readonly #onEmpty: () => void;
  readonly #open = new Set<Connection>();
  #idle: Connection[] = [];
  readonly #waiting = new Set<Call>();
  /** As the latest call wants it. */
  #connectionsMax = Infinity;
  #sweep: Timer | null = null;
  #session: Buffer | undefined;

  /** `onEmpty` is called whenever the last connection is gone and nobody waits. */
  constructor(context: PoolContext, onEmpty: () => void) {
    this.#context = context;
    this.#onEmpty = onEmpty;
  }

  /** How many connections are open or opening, and how many of them wait for a call. */
  get counts(): { readonly open: number; readonly idle: number; readonly waiting: number } {
    return { open: this.#open.size, idle: this.#idle.length, waiting: this.#waiting.size };
  }

  /** Carries a call on a kept connection, a fresh one, or, where `connectionsMax` are open, the next that is free. */
  send(call: Call, connectionsMax: number): void {
    this.#connectionsMax = connectionsMax;
    const connection = this.#takeIdle();
    if (connection !== null) connection.carry(call);
    else this.#sendFresh(call);
  }

  /** Ends every call and closes every connection. */
  close(): void {
    this.#sweep?.cancel();
    this.#sweep = null;
    this.#idle = [];
    for (const call of this.#waiting) {
      call.fail({ type: 'connect', message: 'The gateway is shutting down.' });
    }
    for (const connection of this.#open) connection.shutDown();
  }

  onFree(connection: Connection, keepAliveMs: number | null): void {
    const [next] = this.#waiting;
    if (next?.retried === true) {
      // Its second try must not meet another connection that the server just closed; closing makes room for a fresh one.
      connection.close();
      return;
    }
    if (next !== undefined) {
      this.#waiting.delete(next);
      connection.carry(next);
      return;
    }
    // The server's own clock started earlier; a second less avoids most races with its closing.
    const announcedMs = keepAliveMs === null ? Infinity : keepAliveMs - KEEP_ALIVE_MARGIN_MS;
    const idleMs = Math.min(this.#context.limits.idleMs, announcedMs);
    if (idleMs <= 0) {
      connection.close();
      return;
    }
    connection.idleUntilMs = this.#context.clock.monotonicMs() + idleMs;
    this.#idle.push(connection);
    this.#sweep ??= this.#context.clock.after(idleMs, () => this.#closeExpired());
  }

  onStale(call: Call): void {
    this.#sendFresh(call);
  }

  onClosed(connection: Connection): void {
    this.#open.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    const [next] = this.#waiting;
    if (next !== undefined && this.#open.size < this.#connectionsMax) {
      this.#waiting.delete(next);
      this.#openFor(next);
    }
    if (this.#open.size === 0 && this.#waiting.size === 0) {
      this.#sweep?.cancel();
      this.#sweep = null;
      this.#onEmpty();
    }
  }

  onSession(session: Buffer): void {
    this.#session = session;
  }

  pauseCall(): void {
    // The call remembers it, and the connection asks when it takes the call.
  }

  resumeCall(): void {
    // See pauseCall.
  }

  abandonCall(call: Call): void {
    this.#waiting.delete(call);
  }

  /** Opens a connection for the call, or lets it wait where there are too many. */
  #sendFresh(call: Call): void {
    const { waitingMax } = this.#context.limits;
    const connectionsMax = this.#connectionsMax;
    call.awaitConnection();
    if (this.#open.size < connectionsMax) {
      this.#openFor(call);
    } else if (this.#waiting.size < waitingMax) {
      call.holder = this;
      this.#waiting.add(call);
    } else {
      const refusal: Refusal = {
        type: 'connect',
        message: `All ${connectionsMax} connections to ${call.target.host} are busy and ${waitingMax} calls wait already.`,
      };
      // The handler hears nothing before `send` has returned.
      queueMicrotask(() => call.fail(refusal));
    }
  }

  #openFor(call: Call): void {
    this.#open.add(new Connection(this, call, this.#context.connection, this.#session));
  }

  #takeIdle(): Connection | null {
    const nowMs = this.#context.clock.monotonicMs();
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.usable && connection.idleUntilMs > nowMs) return connection;
      connection.close();
    }
    return null;
  }

  #closeExpired(): void {
    this.#sweep = null;
    const nowMs = this.#context.clock.monotonicMs();
    const kept = this.#idle.filter((connection) => connection.idleUntilMs > nowMs);
    for (const connection of this.#idle) {
      if (connection.idleUntilMs <= nowMs) connection.close();
    }
    this.#idle = kept;
    if (kept.length === 0) return;
    const soonestMs = kept.reduce((soonest, { idleUntilMs }) => Math.min(soonest, idleUntilMs), Infinity);
    // At most once a second, whatever the number of connections.
    const waitMs = Math.max(SWEEP_MS_MIN, soonestMs - nowMs);
    this.#sweep = this.#context.clock.after(waitMs, () => this.#closeExpired());
  }
}

const KEEP_ALIVE_MARGIN_MS = 1000;
const SWEEP_MS_MIN = 1000;
