import type { Capabilities } from '../spec/model.ts';
import type { Price } from './price.ts';

/** One model at one provider: what it can do and what it costs. */
export interface Model {
  /** The name that its provider knows it by. */
  readonly id: string;
  /** Kind of the provider. */
  readonly provider: string;
  /** The name for people. */
  readonly name: string;
  readonly kind: ModelKind;
  readonly capabilities: Capabilities;
  /** Null where no price is known. */
  readonly price: Price | null;
  readonly check: PriceCheck;
  readonly status: ModelStatus;
}

export const MODEL_KINDS = ['chat', 'embedding'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/**
 * How far a price can be trusted. `agrees`: two independent lists have the same; `differs`: they do not; `unchecked`: only
 * one list has it, or none; `operator`: the operator's own.
 */
export const PRICE_CHECKS = ['agrees', 'differs', 'unchecked', 'operator'] as const;
export type PriceCheck = (typeof PRICE_CHECKS)[number];

export const MODEL_STATUSES = ['current', 'beta', 'deprecated'] as const;
export type ModelStatus = (typeof MODEL_STATUSES)[number];
