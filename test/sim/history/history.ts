import type { Gateway } from '../../../src/gateway/gateway.ts';
import type { GatewayEvent } from '../../../src/spec/event.ts';
import type { VirtualRuntime } from '../../../src/testing.ts';
import type { QuickCall } from '../quick/network.ts';
import type { SimClient } from './client.ts';
import type { Version } from './configuration.ts';
import type { HistoryScript } from './script.ts';

/** Something that must hold and did not. */
export interface Violation {
  /** Of the invariant. */
  readonly id: string;
  readonly atMs: number;
  readonly what: string;
}

/** A history under way, as the checks see it. Times are milliseconds from its start on the monotonic clock. */
export interface History {
  readonly script: HistoryScript;
  readonly gateway: Gateway;
  readonly virtual: VirtualRuntime;
  readonly versions: readonly Version[];
  /** Version of the configuration in force. */
  readonly version: Version;
  readonly clients: readonly SimClient[];
  readonly calls: readonly QuickCall[];
  readonly events: readonly GatewayEvent[];
  elapsedMs(): number;
  clientOf(request: number): SimClient | null;
  violate(id: string, what: string): void;
}

/** What a check wants to hear; each is called in the moment that it names. */
export interface Check {
  /** A client's request is about to be served. */
  onRequest?(client: SimClient): void;
  /** The gateway calls a provider. */
  onCall?(call: QuickCall): void;
  /** A call ended or was given up. */
  onCallEnd?(call: QuickCall): void;
  onEvent?(event: GatewayEvent): void;
  /** A client was sent something. */
  onWrite?(client: SimClient): void;
  /** A request is over: its final event is out and the gateway is done with it. */
  onDone?(client: SimClient): void;
  /** A client went away. */
  onLeave?(client: SimClient): void;
  /** After every step of the clock. */
  afterStep?(): void;
  atEnd?(): void;
}

/** One thing that must always hold. */
export interface Invariant {
  /** As in the list of invariants of the design: `A1`, or `A6.told` for a part of one. */
  readonly id: string;
  /** What must hold, in a sentence. */
  readonly says: string;
  /** Why it cannot hold yet; null where it must. A pending one is counted and fails nothing. */
  readonly pending: string | null;
  check(history: History): Check;
}
