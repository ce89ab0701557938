import { asNumber, isObject, type JsonObject } from '../../base/json.ts';
import { invalid } from '../../spec/error.ts';
import { EFFORTS, type Effort, type GenerateRequest, type ReasoningSettings } from '../../spec/generate.ts';
import { optionalBoolean, optionalObject, optionalText } from './fields.ts';

/** The fields that `decodeReasoning` reads. */
export const REASONING_FIELDS = ['reasoning_effort', 'reasoning', 'thinking'] as const;

/**
 * How much the model should think: `reasoning_effort` (OpenAI), `reasoning` (OpenRouter: effort, max_tokens, exclude,
 * enabled) or `thinking` (DeepSeek, Z.ai and clients of Claude over this wire: type, budget_tokens).
 */
export function decodeReasoning(body: JsonObject): Pick<GenerateRequest, 'reasoning'> {
  const settings: ReasoningSettings = {
    ...fromThinking(optionalObject(body, 'thinking')),
    ...fromReasoning(optionalObject(body, 'reasoning')),
    ...effortField(optionalText(body, 'reasoning_effort'), 'reasoning_effort'),
  };
  return Object.keys(settings).length === 0 ? {} : { reasoning: settings };
}

function fromReasoning(reasoning: JsonObject | undefined): ReasoningSettings {
  if (reasoning === undefined) return {};
  const budget = asNumber(reasoning['max_tokens']);
  const excluded = optionalBoolean(reasoning, 'exclude', 'reasoning.exclude');
  const enabled = optionalBoolean(reasoning, 'enabled', 'reasoning.enabled');
  return {
    ...(enabled === false ? { effort: 'none' } : {}),
    ...effortField(optionalText(reasoning, 'effort', 'reasoning.effort'), 'reasoning.effort'),
    ...(budget === undefined ? {} : { budgetTokens: budget }),
    ...(excluded === undefined ? {} : { visible: !excluded }),
  };
}

function fromThinking(thinking: JsonObject | undefined): ReasoningSettings {
  if (!isObject(thinking)) return {};
  const type = optionalText(thinking, 'type', 'thinking.type');
  const budget = asNumber(thinking['budget_tokens']);
  if (type === 'disabled') return { effort: 'none' };
  return {
    ...(type === 'adaptive' ? { adaptive: true } : {}),
    ...(budget === undefined ? {} : { budgetTokens: budget }),
    ...(type === 'enabled' && budget === undefined ? { budgetTokens: -1 } : {}),
  };
}

function effortField(word: string | undefined, path: string): ReasoningSettings {
  if (word === undefined) return {};
  const effort = EFFORTS.find((known): known is Effort => known === word);
  if (effort !== undefined) return { effort };
  throw invalid(path, `${path} is "${word}", but must be one of ${EFFORTS.join(', ')}.`);
}
