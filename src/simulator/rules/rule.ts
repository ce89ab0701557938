import type { JsonObject } from '../../base/json.ts';
import type { Refusal } from '../refusal.ts';
import type { Sign } from '../seal.ts';
import type { Traits } from '../models.ts';

/** What a rule reads. */
export interface Ruled {
  readonly body: JsonObject;
  readonly model: string;
  readonly traits: Traits;
  readonly sign: Sign;
}

/** One rule of a wire: what a right request satisfies, and the refusal of a wrong one. */
export interface Rule {
  /** What holds, in a few words. */
  readonly name: string;
  /** Null where the request keeps the rule. */
  check(request: Ruled): Refusal | null;
}

/** The first refusal of the rules, in their order. */
export function firstRefusal(rules: readonly Rule[], request: Ruled): Refusal | null {
  for (const rule of rules) {
    const refusal = rule.check(request);
    if (refusal !== null) return refusal;
  }
  return null;
}
