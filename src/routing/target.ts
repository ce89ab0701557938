import type { Timeouts } from '../config/config.ts';
import type { Price } from '../catalog/price.ts';
import type { Capabilities } from '../spec/model.ts';
import type { Quirks } from '../spec/provider.ts';

/** One concrete place to send a request: an upstream model at a configured provider, with what it can do and costs. */
export interface Target {
  /** `provider/upstream-model`. */
  readonly address: string;
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Id of the wire that the provider speaks. */
  readonly protocol: string;
  readonly capabilities: Capabilities;
  readonly quirks: Quirks;
  /** Null where the price is unknown. */
  readonly price: Price | null;
  /** How many keys the provider has; a keyless one counts as one. */
  readonly keyCount: number;
  /** Share under the `weighted` strategy. */
  readonly weight: number;
  /** Public model whose target this is, for headers and logs. */
  readonly servedModel: string;
  readonly timeouts: Timeouts;
  /** Whether losses of translation are errors here. */
  readonly strict: boolean;
}
