import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { createCrypto } from '../../node/crypto.ts';
import { traitsOf } from '../models.ts';
import { firstRefusal, type Rule, type Ruled } from '../rules/rule.ts';

/** A request that keeps a rule, one that breaks it, and how the refusal begins. */
export interface RuleCase {
  readonly rule: string;
  readonly right: JsonObject;
  readonly wrong: JsonObject;
  readonly refusal: string;
  /** Default: the wire's usual model, which `describeRules` is given. */
  readonly model?: string;
  /** What else the refusal says. */
  readonly says?: object;
}

/** The signature that requests of the cases bear. */
export const TEST_SIGN = (text: string): string => createCrypto().hmac('test', text);

/** Proves of each rule that it lets the right request pass and refuses the wrong one, and that no rule lacks a case. */
export function describeRules(rules: readonly Rule[], usualModel: string, cases: readonly RuleCase[]): void {
  describe.each(cases)(
    '$rule ($refusal)',
    ({ rule, right, wrong, refusal, model = usualModel, says = {} }) => {
      it('accepts the right request', () => {
        expect(firstRefusal(rules, ruled(right, model))).toBeNull();
      });
      it('refuses the wrong one', () => {
        const found = firstRefusal(rules, ruled(wrong, model));
        expect(found?.message.slice(0, refusal.length)).toBe(refusal);
        expect(found).toMatchObject({ status: 400, ...says });
        const named = rules.find(({ name }) => name === rule);
        expect(named?.check(ruled(wrong, model))).toEqual(found);
      });
    },
  );

  it('has a case for every rule', () => {
    const covered = new Set(cases.map(({ rule }) => rule));
    expect(rules.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
  });
}

function ruled(body: JsonObject, model: string): Ruled {
  return { body: { model, ...body }, model, traits: traitsOf(model), sign: TEST_SIGN };
}
