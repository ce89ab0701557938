import type { JsonObject } from '../../src/base/json.ts';
import { compact } from '../../src/base/json.ts';
import { ANTHROPIC_MESSAGES } from '../../src/protocols/anthropic-messages/id.ts';
import { GEMINI } from '../../src/protocols/gemini/id.ts';
import { type Effort, EFFORTS } from '../../src/spec/generate.ts';
import type { ReasoningCapability } from '../../src/spec/model.ts';
import type { ProviderDefinition } from '../../src/spec/provider.ts';
import type { ReasoningOption, SourceRow } from './catalogue.ts';
import { claudeGeneration } from './claude.ts';

/** What a row says about a model's abilities, in the fields of `models.json`; what nobody knows is left out. */
export function capabilityFields(id: string, source: SourceRow, definition: ProviderDefinition): JsonObject {
  return compact({
    contextTokensMax: source.limit?.context || undefined,
    outputTokensMax: source.limit?.output || undefined,
    ...(source.kind === 'chat' ? chatFields(id, source, definition) : {}),
  });
}

function chatFields(id: string, source: SourceRow, definition: ProviderDefinition): JsonObject {
  return {
    input: source.modalities?.input.filter((each) => MEDIA.includes(each)).toSorted(),
    tools: source.tool_call,
    structuredOutput: structuredOutput(source, definition),
    reasoning: reasoning(id, source, definition),
    sampling: sampling(id, source),
    prefill: prefill(id, definition),
    midConversationSystem: midConversationSystem(id, definition),
  };
}

const MEDIA = ['image', 'pdf', 'audio', 'video'];

/** Whether schemas are honoured natively: never where the provider cannot, and at some only where the list says so. */
function structuredOutput(source: SourceRow, definition: ProviderDefinition): boolean | undefined {
  if (definition.quirks.jsonSchema !== 'native') return false;
  return source.structured_output ?? (LISTED_ONLY.has(definition.kind) ? false : undefined);
}

// Both document structured outputs for named models only (platform.claude.com, console.groq.com, structured outputs).
const LISTED_ONLY = new Set(['anthropic', 'groq']);

function reasoning(id: string, source: SourceRow, definition: ProviderDefinition): JsonObject | undefined {
  if (source.reasoning === undefined) return undefined;
  if (!source.reasoning) return { type: 'none' };
  const generation = claudeGeneration(id);
  const direct = definition.protocol === ANTHROPIC_MESSAGES && generation !== null;
  return { ...(direct ? claudeReasoning(source, generation) : commonReasoning(source, definition)) };
}

/** Models after Opus 4.6 take adaptive thinking and an effort, and no budget any more (types of SDK 1.12, 2026-10-21). */
function claudeReasoning(source: SourceRow, generation: number): ReasoningCapability {
  if (generation > 406) return { type: 'adaptive', efforts: effortsOf(source) };
  const budget = budgetOf(source);
  return { type: 'budget', minTokens: budget?.min ?? 1024, maxTokens: budget?.max ?? null };
}

function commonReasoning(source: SourceRow, definition: ProviderDefinition): ReasoningCapability {
  // The chat wire has a field for an effort and none for a budget, so the effort wins where a model has both.
  const efforts = effortsOf(source);
  if (efforts.length > 0) return { type: 'effort', efforts };
  const budget = budgetOf(source);
  if (budget === undefined) return { type: 'fixed' };
  // Gemini models that can switch thinking off do it by a budget of 0, below the smallest real one.
  const canStop = definition.protocol === GEMINI && optionsOf(source).some(({ type }) => type === 'toggle');
  return { type: 'budget', minTokens: canStop ? 0 : (budget.min ?? 0), maxTokens: budget.max ?? null };
}

function effortsOf(source: SourceRow): readonly Effort[] {
  return EFFORTS.filter((effort) => optionsOf(source).some((option) => option.values?.includes(effort)));
}

function budgetOf(source: SourceRow): ReasoningOption | undefined {
  return optionsOf(source).find((option) => option.type === 'budget_tokens');
}

function optionsOf(source: SourceRow): readonly ReasoningOption[] {
  return source.reasoning_options ?? [];
}

/** OpenAI's reasoning models and Claude after 4.6 refuse sampling; Claude 4.1 to 4.6 takes temperature or top_p. */
function sampling(id: string, source: SourceRow): string | undefined {
  const generation = claudeGeneration(id);
  if (source.temperature === false || (generation ?? 0) > 406) return 'none';
  if (generation !== null && generation >= 401) return 'one-of';
  return source.temperature === undefined ? undefined : 'free';
}

/**
 * "This model does not support assistant message prefill": Claude from 4.6 on (deepagents #1585, vercel/ai #12296), also
 * through resellers. That older ones continue a message is documented for Anthropic's own API only.
 */
function prefill(id: string, definition: ProviderDefinition): boolean | undefined {
  const generation = claudeGeneration(id);
  if (generation === null) return undefined;
  if (generation >= 406) return false;
  return definition.protocol === ANTHROPIC_MESSAGES ? true : undefined;
}

// "role 'system' is not supported on this model": recorded from Anthropic's models before Opus 4.8.
function midConversationSystem(id: string, definition: ProviderDefinition): boolean | undefined {
  const generation = claudeGeneration(id);
  if (generation === null || definition.protocol !== ANTHROPIC_MESSAGES) return undefined;
  return generation >= 408;
}
