import type { Bytes } from '../../base/bytes.ts';
import type { Fault } from '../../simulator/faults/fault.ts';
import type { ReplayRequest } from './workload.ts';

/** What a caller saw of an answer, and what the gateway says of how it came about. */
export interface Seen {
  readonly status: number | null;
  /** `whole`: ended as it should. `cut`: the connection broke off. */
  readonly ending: 'whole' | 'cut' | 'open';
  readonly body: Bytes;
  readonly durationMs: number;
  /** Calls to providers for this request. */
  readonly calls: number;
  /** From the request to the start of the call that answered; null where none did. */
  readonly answeringCallAfterMs: number | null;
  /** Whether a call failed after a part of its answer had been sent. */
  readonly resumed: boolean;
  /** Null where it is not known. */
  readonly costNanodollars: bigint | null;
}

/** A gateway on virtual time before simulated providers, one for each service, asked in their order. */
export interface ReplayWorld {
  nowMs(): number;
  /** Lets time pass up to a moment; one that is past does nothing. */
  advanceTo(ms: number): Promise<void>;
  /** Gives the provider of a service a fault, or with null makes it well. */
  setFault(service: string, fault: Fault | null): void;
  /** Sends a request now; `done` hears once what came of it. */
  send(request: ReplayRequest, done: (seen: Seen) => void): void;
}

export interface WorldOptions {
  readonly services: readonly string[];
  readonly startMs: number;
  readonly seed: number;
  /** How long a request may take altogether. */
  readonly deadlineMs: number;
}

/** Builds a world. The composition hands it in, because it alone knows how to wire a gateway. */
export type OpenWorld = (options: WorldOptions) => Promise<ReplayWorld>;
