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
  readonly timeouts: TargetTimeouts;
  /** Which of the waits nobody configured: they shrink to what the target is learned to need. */
  readonly learns: LearnedWaits;
  /** Whether losses of translation are errors here. */
  readonly strict: boolean;
}

/** Waits in milliseconds, each decided. */
export type TargetTimeouts = { readonly [name in keyof Timeouts]: number };

/** The waits of a model: what the configuration leaves open is decided by whether it may reason unseen before it speaks. */
export function timeoutsFor(timeouts: Timeouts, { reasoning }: Capabilities): TargetTimeouts {
  const patience = reasoning.type === 'none' ? PLAIN : REASONING;
  return {
    ...timeouts,
    firstByteMs: timeouts.firstByteMs ?? patience.firstByteMs,
    firstTokenMs: timeouts.firstTokenMs ?? patience.firstTokenMs,
    answerMs: timeouts.answerMs ?? ANSWER_MS,
  };
}

/** Waits that may be learned. */
export interface LearnedWaits {
  readonly firstByte: boolean;
  readonly firstToken: boolean;
  readonly answer: boolean;
}

/** The waits that the configuration leaves open. */
export function learnedWaits({ firstByteMs, firstTokenMs, answerMs }: Timeouts): LearnedWaits {
  return { firstByte: firstByteMs === null, firstToken: firstTokenMs === null, answer: answerMs === null };
}

const ANSWER_MS = 300_000;
const PLAIN = { firstByteMs: 30_000, firstTokenMs: 60_000 };
const REASONING = { firstByteMs: 120_000, firstTokenMs: 300_000 };
