import type { HttpRequest } from '../measure/http-text.ts';
import type { VariantName } from '../options.ts';
import type { FakeProvider } from '../upstream/fake-provider.ts';
import type { Load } from '../upstream/load.ts';
import type { Child } from '../child.ts';

/** What a variant needs to start. */
export interface Surroundings {
  readonly provider: FakeProvider;
  /** Port of the provider whose streams never go on; 0 where it does not run. */
  readonly heldPort: number;
  /** Arguments for Node when the gateway is profiled; it then runs from its sources, so that lines are theirs. */
  readonly profileArgs?: readonly string[];
}

/** A program that stands between clients and the fake provider. */
export interface Variant {
  readonly name: VariantName;
  /** Its name and version, for the report. */
  readonly title: string;
  start(surroundings: Surroundings): Promise<RunningVariant>;
}

/** A variant that answers. */
export interface RunningVariant {
  readonly name: VariantName;
  readonly pid: number;
  /** From its start to its first 200. */
  readonly coldStartMs: number;
  request(load: Load): HttpRequest;
  /** Size of a whole answer to the load on the wire, asked for once. */
  answerBytes(load: Load): Promise<number>;
  readonly child: Child;
  stop(): Promise<void>;
}
