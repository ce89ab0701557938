import type { GatewayEvent } from '../spec/event.ts';
import type { TargetHealth } from '../spec/health.ts';
import type { Runtime } from '../spec/ports.ts';
import type { KeyDirectoryView } from '../store/store.ts';
import type { AnswerKeeper } from './answer-keeper.ts';
import type { Snapshot } from './snapshot.ts';

/** What the path of a request needs from around it. */
export interface GatewayPorts {
  readonly runtime: Runtime;
  /** The view in force; a request asks once. */
  snapshot(): Snapshot;
  /** How targets are doing. In memory: asking and telling never wait. */
  readonly health: TargetHealth;
  /** Who presents a key. Reads memory only: it never waits and never fails. */
  readonly keys: KeyDirectoryView;
  /** What makes answers outlive their connections. */
  readonly answers: AnswerKeeper;
  /** Tells everybody who listens; never throws, never waits. */
  publish(event: GatewayEvent): void;
}
