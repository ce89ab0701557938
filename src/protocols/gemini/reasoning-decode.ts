import { asBoolean, asNumber, asString, type JsonObject } from '../../base/json.ts';
import type { Effort, ReasoningSettings } from '../../spec/generate.ts';

/** The settings behind `thinkingConfig`; undefined where it says nothing. */
export function decodeReasoning(config: JsonObject): ReasoningSettings | undefined {
  const budgetTokens = asNumber(config['thinkingBudget']);
  const visible = asBoolean(config['includeThoughts']);
  const level = asString(config['thinkingLevel'])?.toUpperCase() ?? '';
  const effort = budgetTokens === 0 ? 'none' : Object.hasOwn(LEVELS, level) ? LEVELS[level] : undefined;
  const settings = {
    ...(effort === undefined ? {} : { effort }),
    ...(budgetTokens === undefined ? {} : { budgetTokens }),
    ...(visible === undefined ? {} : { visible }),
  };
  return Object.keys(settings).length === 0 ? undefined : settings;
}

/** The effort behind each level of the wire. */
export const LEVELS: { readonly [level: string]: Effort } = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
};
