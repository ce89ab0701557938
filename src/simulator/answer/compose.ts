import type {
  AssistantPart,
  Finish,
  GenerateRequest,
  GenerateResult,
  ToolCallPart,
} from '../../spec/generate.ts';
import type { Usage } from '../../spec/usage.ts';
import type { Traits } from '../models.ts';
import type { Seal } from '../seal.ts';
import { continuation } from './continuation.ts';
import { hintFrom } from './arguments.ts';
import { prompt } from './conversation.ts';
import type { Draft } from './draft.ts';
import { diceFrom, type Dice } from './dice.ts';
import { thoughts } from './reasoning.ts';
import { instanceOf } from './schema-instance.ts';
import { textAnswer } from './text-answer.ts';
import { countTokens, firstTokens } from './tokens.ts';
import { resultAnswer, toolCalls } from './tool-answer.ts';
import { inputUsage, type CacheUse } from './usage.ts';

export interface AnswerSetting {
  /** Decides everything that is left to choice: two requests with the same seed and content get the same answer. */
  readonly seed: string;
  readonly traits: Traits;
  readonly seal: Seal;
  readonly cache: CacheUse;
  readonly id: string;
}

/** Composes the answer to a request: reasoning, text or tool calls, why it ends, and usage that agrees with all that. */
export function composeAnswer(request: GenerateRequest, setting: AnswerSetting): GenerateResult {
  const dice = diceFrom(setting.seed);
  const thinking = thoughts(request, setting.traits, dice);
  const room = (request.maxOutputTokens ?? Infinity) - thinking.tokens;
  const drafted = setting.seal.draft(draft(request, setting.seed, dice), thinking.text);
  const limited = limit(drafted, request.stop ?? [], Math.max(0, room));
  const reasoning = thinking.text === null ? [] : [setting.seal.reasoning(thinking.text)];
  return {
    id: setting.id,
    model: request.model,
    parts: [...reasoning, ...limited.parts],
    finish: limited.finish,
    usage: usageOf(setting.cache, limited.parts, thinking.tokens),
  };
}

function draft(request: GenerateRequest, seed: string, dice: Dice): Draft {
  const continued = continuation(request);
  if (continued !== null) {
    const whole = draft(continued.base, seed, dice);
    return whole.type === 'calls' ? whole : { type: 'text', text: continued.rest(whole.text) };
  }
  const calls = toolCalls(request, dice, seed);
  if (calls.length > 0) return { type: 'calls', calls };
  const output = request.output ?? { type: 'text' };
  if (output.type === 'json-schema') {
    const value = instanceOf(output.schema, { dice, hint: hintFrom(prompt(request)) });
    return { type: 'text', text: JSON.stringify(value) };
  }
  const text = resultAnswer(request) ?? textAnswer(request, dice);
  return { type: 'text', text: output.type === 'json' ? JSON.stringify({ answer: text }) : text };
}

interface Limited {
  readonly parts: readonly AssistantPart[];
  readonly finish: Finish;
}

function limit(drafted: Draft, stop: readonly string[], room: number): Limited {
  if (drafted.type === 'calls') return limitCalls(drafted.calls, room);
  const met = firstStop(drafted.text, stop);
  const text = met === null ? drafted.text : drafted.text.slice(0, met.at);
  const fitting = firstTokens(text, room);
  const parts: readonly AssistantPart[] = fitting === '' ? [] : [{ type: 'text', text: fitting }];
  if (fitting.length < text.length) return { parts, finish: { reason: 'length' } };
  if (met !== null) return { parts, finish: { reason: 'stop-sequence', stopSequence: met.sequence } };
  return { parts, finish: { reason: 'stop' } };
}

// Calls that do not fit are left out whole: half a call helps nobody, and the finish says what happened.
function limitCalls(calls: readonly ToolCallPart[], room: number): Limited {
  const fitting: ToolCallPart[] = [];
  let used = 0;
  for (const call of calls) {
    used += callTokens(call);
    if (used > room) return { parts: fitting, finish: { reason: 'length' } };
    fitting.push(call);
  }
  return { parts: fitting, finish: { reason: 'tool-calls' } };
}

function firstStop(
  text: string,
  stop: readonly string[],
): { readonly at: number; readonly sequence: string } | null {
  let first: { readonly at: number; readonly sequence: string } | null = null;
  for (const sequence of stop) {
    const at = sequence === '' ? -1 : text.indexOf(sequence);
    if (at >= 0 && (first === null || at < first.at)) first = { at, sequence };
  }
  return first;
}

function usageOf(cache: CacheUse, parts: readonly AssistantPart[], reasoning: number): Usage {
  let output = 0;
  for (const part of parts) {
    if (part.type === 'text') output += countTokens(part.text);
    if (part.type === 'tool-call') output += callTokens(part);
  }
  return {
    ...inputUsage(cache),
    output,
    reasoning,
    outputAudio: null,
    webSearches: null,
    source: 'reported',
  };
}

function callTokens(call: ToolCallPart): number {
  return countTokens(call.name) + countTokens(call.arguments) + CALL_FRAME_TOKENS;
}

/** Tokens around a call that are not its name or arguments. */
const CALL_FRAME_TOKENS = 8;
