import { compact, type JsonObject } from '../../base/json.ts';
import { unreachable } from '../../base/assert.ts';
import { EFFORTS, type Effort, type ReasoningSettings } from '../../spec/generate.ts';
import type { Encoding } from './encoding.ts';
import { LEVELS } from './reasoning-decode.ts';

/**
 * `thinkingConfig` for what the model can be told: a budget in tokens (2.5) or a level (3). Undefined where there is
 * nothing to say. Thoughts cannot be shown while thinking is off (Google refuses the pair), so nothing is asked then.
 */
export function encodeReasoning(settings: ReasoningSettings, encoding: Encoding): JsonObject | undefined {
  const capability = encoding.target.capabilities.reasoning;
  switch (capability.type) {
    case 'none':
    case 'fixed': {
      if (asksAmount(settings)) {
        encoding.warnings.add(
          'dropped',
          'reasoning',
          `How much ${encoding.target.model} thinks cannot be set.`,
        );
      }
      const shown = capability.type === 'fixed' && settings.visible !== undefined;
      return shown ? { includeThoughts: settings.visible } : undefined;
    }
    case 'budget': {
      const thinkingBudget = budgetFor(settings, capability, encoding);
      const includeThoughts = thinkingBudget === 0 ? undefined : settings.visible;
      return nonEmpty(compact({ thinkingBudget, includeThoughts }));
    }
    case 'effort':
    case 'adaptive': {
      const thinkingLevel = levelFor(settings, capability.efforts, encoding);
      return nonEmpty(compact({ thinkingLevel, includeThoughts: settings.visible }));
    }
    default:
      return unreachable(capability);
  }
}

type Level = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';
const LEVEL_OF: { readonly [effort in Effort]: Level } = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

// Tokens of an effort word for models that take a budget; -1 lets the model decide.
const BUDGET_OF: { readonly [effort in Effort]: number } = {
  none: 0,
  minimal: 1024,
  low: 4096,
  medium: 8192,
  high: 24_576,
  xhigh: -1,
  max: -1,
};

function asksAmount(settings: ReasoningSettings): boolean {
  return settings.effort !== undefined || settings.budgetTokens !== undefined || settings.adaptive === true;
}

function budgetFor(
  settings: ReasoningSettings,
  bounds: { readonly minTokens: number; readonly maxTokens: number | null },
  encoding: Encoding,
): number | undefined {
  const wanted = wantedBudget(settings);
  if (wanted === undefined || wanted === -1) return wanted;
  // Flash models can stop thinking altogether, though their least budget is more than 0; Pro models cannot.
  if (wanted === 0 && !/\bpro\b/.test(encoding.target.model)) return 0;
  const budget = Math.min(Math.max(wanted, bounds.minTokens), bounds.maxTokens ?? wanted);
  // An effort word is no number of tokens, so bringing its budget into range loses nothing but the wish for none.
  if (budget !== wanted && (wanted === 0 || settings.budgetTokens !== undefined)) {
    encoding.warnings.add('clamped', 'reasoning', `The reasoning budget was brought to ${budget} tokens.`);
  }
  return budget;
}

function wantedBudget(settings: ReasoningSettings): number | undefined {
  if (settings.budgetTokens !== undefined) return settings.budgetTokens;
  if (settings.effort !== undefined) return BUDGET_OF[settings.effort];
  return settings.adaptive === true ? -1 : undefined;
}

function levelFor(
  settings: ReasoningSettings,
  efforts: readonly Effort[],
  encoding: Encoding,
): Level | undefined {
  const wanted = settings.effort ?? effortOfBudget(settings.budgetTokens, encoding);
  if (wanted === undefined) return undefined;
  const level = LEVEL_OF[wanted];
  const accepted = efforts.filter((effort) => LEVELS[LEVEL_OF[effort]] === effort || effort === 'none');
  if (accepted.length === 0 || accepted.some((effort) => LEVEL_OF[effort] === level)) return level;
  const rank = EFFORTS.indexOf(wanted);
  const nearest = accepted.find((effort) => EFFORTS.indexOf(effort) >= rank) ?? accepted.at(-1) ?? wanted;
  encoding.warnings.add(
    'clamped',
    'reasoning',
    `${encoding.target.model} does not know the effort ${wanted}; ${nearest} was set.`,
  );
  return LEVEL_OF[nearest];
}

// Gemini 3 takes budgets only for compatibility and thinks worse with them (Google's guide), so a level stands in.
function effortOfBudget(budget: number | undefined, encoding: Encoding): Effort | undefined {
  if (budget === undefined || budget < 0) return undefined;
  encoding.warnings.add('emulated', 'reasoning', 'The reasoning budget was sent as a thinking level.');
  if (budget <= 1024) return 'minimal';
  if (budget <= 4096) return 'low';
  return budget <= 8192 ? 'medium' : 'high';
}

function nonEmpty(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}
