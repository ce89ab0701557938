import type { JsonObject } from '../../base/json.ts';
import { EFFORTS, type Effort, type ReasoningSettings } from '../../spec/generate.ts';
import type { ReasoningCapability } from '../../spec/model.ts';
import type { Encoding } from './content-encode.ts';

/** `reasoning_effort`, the nearest word that the model takes to what was asked for. */
export function encodeEffort(
  reasoning: ReasoningSettings | undefined,
  { target, warnings }: Encoding,
): JsonObject {
  const wanted = wantedEffort(reasoning);
  noteUnsaid(reasoning, warnings);
  if (wanted === null) return {};
  const { reasoning: capability } = target.capabilities;
  const taken = effortsOf(capability);
  if (taken === null) {
    // A model that does not reason does what "none" asks for.
    if (capability.type !== 'none' || wanted !== 'none') {
      warnings.add('dropped', 'reasoning_effort', 'How much the model thinks cannot be set here.');
    }
    return {};
  }
  const effort = nearest(wanted, taken);
  if (reasoning?.effort === undefined) {
    warnings.add(
      'emulated',
      'reasoning_effort',
      `A budget of reasoning tokens was said as the effort "${effort}".`,
    );
  } else if (effort !== wanted) {
    warnings.add(
      'clamped',
      'reasoning_effort',
      `The model takes no effort "${wanted}"; "${effort}" was sent.`,
    );
  }
  return { reasoning_effort: effort };
}

// What this API has no word for.
function noteUnsaid(reasoning: ReasoningSettings | undefined, warnings: Encoding['warnings']): void {
  if (reasoning?.visible === false) {
    warnings.add('dropped', 'reasoning', 'The provider decides by itself whether it shows its reasoning.');
  }
  if (reasoning?.adaptive === true || reasoning?.budgetTokens === -1) {
    warnings.add(
      'emulated',
      'reasoning',
      'Models behind this API decide by themselves how much to think, within the effort.',
    );
  }
}

// Words that models with a budget take through this API (Google's OpenAI endpoint maps them to budgets).
const COMMON_EFFORTS: readonly Effort[] = ['low', 'medium', 'high'];

function effortsOf(capability: ReasoningCapability): readonly Effort[] | null {
  switch (capability.type) {
    case 'none':
    case 'fixed':
      return null;
    case 'budget':
      return capability.minTokens === 0 ? ['none', ...COMMON_EFFORTS] : COMMON_EFFORTS;
    case 'effort':
    case 'adaptive':
      return capability.efforts.length === 0 ? COMMON_EFFORTS : capability.efforts;
    default:
      return null;
  }
}

function wantedEffort(reasoning: ReasoningSettings | undefined): Effort | null {
  if (reasoning === undefined) return null;
  if (reasoning.effort !== undefined) return reasoning.effort;
  const budget = reasoning.budgetTokens;
  if (budget === undefined || budget === -1) return null;
  return BUDGETS.find(([tokensMax]) => budget <= tokensMax)?.[1] ?? 'xhigh';
}

// The budgets that Google documents for its effort words, rounded outwards.
const BUDGETS: readonly (readonly [tokensMax: number, effort: Effort])[] = [
  [0, 'none'],
  [1023, 'minimal'],
  [4096, 'low'],
  [12_288, 'medium'],
  [32_768, 'high'],
];

function nearest(wanted: Effort, taken: readonly Effort[]): Effort {
  const place = (effort: Effort): number => EFFORTS.indexOf(effort);
  return taken.reduce((best, effort) =>
    Math.abs(place(effort) - place(wanted)) < Math.abs(place(best) - place(wanted)) ? effort : best,
  );
}
