import { compact, type JsonObject } from '../../base/json.ts';
import { EFFORTS, type Effort, type ReasoningSettings } from '../../spec/generate.ts';
import type { ReasoningCapability } from '../../spec/model.ts';
import { given } from '../../base/given.ts';
import type { Warnings } from '../warnings.ts';
import { THINKING_TOKENS_MIN } from './wire.ts';

/** The wire's fields for a wish to reason. */
export interface ThinkingFields {
  readonly thinking?: JsonObject;
  readonly effort?: Effort;
  /** The output limit, raised where the budget would leave no room. */
  readonly maxTokens: number;
}

/** Writes a wish to reason as the target can take it. */
export function encodeReasoning(
  wish: ReasoningSettings | undefined,
  capability: ReasoningCapability,
  maxTokens: number,
  warnings: Warnings,
): ThinkingFields {
  if (wish === undefined) return { maxTokens };
  if (isOff(wish)) return { ...encodeDisabled(capability), maxTokens };
  switch (capability.type) {
    case 'none':
    case 'fixed':
      warnings.add('dropped', 'reasoning', 'How much this model reasons cannot be set.');
      return { maxTokens };
    case 'effort':
      return {
        ...given({ effort: nearest(effortOf(wish, warnings), capability.efforts, warnings) }),
        maxTokens,
      };
    case 'adaptive':
      return { ...encodeAdaptive(wish, capability.efforts, warnings), maxTokens };
    case 'budget':
      return encodeBudget(wish, capability, maxTokens, warnings);
  }
}

/** Tokens of thinking that an effort stands for where only a budget can be set. */
const EFFORT_BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 4096,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
  max: 63_999,
};

function isOff(wish: ReasoningSettings): boolean {
  return wish.effort === 'none' || wish.budgetTokens === 0;
}

type BudgetCapability = Extract<ReasoningCapability, { type: 'budget' }>;

// The budget must be at least 1,024 and below max_tokens (recorded refusals where others translated blindly).
function encodeBudget(
  wish: ReasoningSettings,
  capability: BudgetCapability,
  maxTokens: number,
  warnings: Warnings,
): ThinkingFields {
  const asked = askedBudget(wish);
  noteAdaptive(wish, warnings);
  if (asked === null && wish.adaptive === false) return { maxTokens };
  const least = Math.max(THINKING_TOKENS_MIN, capability.minTokens);
  const limit = maxTokens > least ? maxTokens : maxTokens + least;
  if (limit !== maxTokens) {
    warnings.add(
      'clamped',
      'maxOutputTokens',
      `Raised from ${maxTokens} to ${limit} to make room for thinking.`,
    );
  }
  const wanted = asked ?? EFFORT_BUDGETS[wish.effort ?? 'medium'];
  const budget = boundedBudget(wanted, least, limit, capability.maxTokens ?? wanted);
  if (asked !== null && budget !== asked) {
    warnings.add(
      'clamped',
      'reasoning.budgetTokens',
      `Changed from ${asked} to ${budget}, what this model can take.`,
    );
  }
  const thinking = compact({ type: 'enabled', budget_tokens: budget, display: displayOf(wish) });
  return { thinking, maxTokens: limit };
}

function askedBudget(wish: ReasoningSettings): number | null {
  return wish.budgetTokens !== undefined && wish.budgetTokens > 0 ? wish.budgetTokens : null;
}

// A budget that fits stays; one that reaches the limit is lowered so far that an answer has room.
function boundedBudget(wanted: number, least: number, limit: number, most: number): number {
  const roof = wanted < limit ? wanted : limit - ANSWER_ROOM;
  return Math.max(least, Math.min(roof, most));
}

// A model with a budget knows neither adaptive thinking nor efforts; an effort without either is written as a budget.
function noteAdaptive(wish: ReasoningSettings, warnings: Warnings): void {
  const hasBudget = askedBudget(wish) !== null;
  if (wish.adaptive === true && !hasBudget) {
    warnings.add('emulated', 'reasoning', 'This model takes a thinking budget instead of adaptive thinking.');
  } else if (wish.effort !== undefined && (hasBudget || wish.adaptive === false)) {
    warnings.add('dropped', 'reasoning.effort', 'This model takes a thinking budget and no effort.');
  }
}

// Tokens left for the answer where a budget has to be lowered.
const ANSWER_ROOM = 1024;

function encodeDisabled(capability: ReasoningCapability): { readonly thinking?: JsonObject } {
  return capability.type === 'none' || capability.type === 'fixed' ? {} : { thinking: { type: 'disabled' } };
}

function encodeAdaptive(
  wish: ReasoningSettings,
  efforts: readonly Effort[],
  warnings: Warnings,
): { readonly thinking?: JsonObject; readonly effort?: Effort } {
  const hasBudget = askedBudget(wish) !== null;
  const wantsEffort = wish.effort !== undefined || hasBudget;
  const effort = wantsEffort ? nearest(effortOf(wish, warnings), efforts, warnings) : undefined;
  const asked = wish.adaptive !== false || hasBudget;
  return given({
    effort,
    thinking: asked ? compact({ type: 'adaptive', display: displayOf(wish) }) : undefined,
  });
}

// Only a wish that was spoken: "summarized" replaces the signed reasoning and slows agents down (bifrost #5185).
function displayOf(wish: ReasoningSettings): string | undefined {
  if (wish.visible === undefined) return undefined;
  return wish.visible ? 'summarized' : 'omitted';
}

function effortOf(wish: ReasoningSettings, warnings: Warnings): Effort {
  if (wish.effort !== undefined) return wish.effort;
  const budget = wish.budgetTokens ?? -1;
  if (budget < 0) return 'medium';
  warnings.add(
    'emulated',
    'reasoning.budgetTokens',
    'This model takes an effort instead of a thinking budget.',
  );
  return EFFORTS.find((effort) => effort !== 'none' && budget <= EFFORT_BUDGETS[effort]) ?? 'max';
}

// The accepted effort next to the wanted one; of two equally near the lower.
function nearest(wanted: Effort, efforts: readonly Effort[], warnings: Warnings): Effort | undefined {
  const accepted = efforts.filter((effort) => effort !== 'none' && effort !== 'minimal');
  const distance = (effort: Effort): number => Math.abs(EFFORTS.indexOf(effort) - EFFORTS.indexOf(wanted));
  let best: Effort | undefined;
  for (const effort of accepted) {
    if (best === undefined || distance(effort) < distance(best)) best = effort;
  }
  if (best !== wanted) {
    warnings.add(
      'clamped',
      'reasoning.effort',
      `This model does not take the effort ${wanted}; it got ${best ?? 'none'}.`,
    );
  }
  return best;
}
