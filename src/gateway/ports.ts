import type { Caller } from '../spec/identity.ts';
import type { GatewayEvent } from '../spec/event.ts';
import type { Runtime } from '../spec/ports.ts';
import type { Snapshot } from './snapshot.ts';

/** What the path of a request needs from around it. */
export interface GatewayPorts {
  readonly runtime: Runtime;
  /** The view in force; a request asks once. */
  snapshot(): Snapshot;
  /** Who presents this key. Reads memory only: it never waits and never fails. */
  identify(key: string): Identified;
  /** Tells everybody who listens; never throws, never waits. */
  publish(event: GatewayEvent): void;
}

/** Outcome of looking at a presented key. */
export type Identified =
  | { readonly type: 'known'; readonly caller: Caller }
  /** Why not, in a sentence for the client. */
  | { readonly type: 'refused'; readonly reason: string };
