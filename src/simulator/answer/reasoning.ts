import type { Effort, GenerateRequest } from '../../spec/generate.ts';
import type { Traits } from '../models.ts';
import { prompt } from './conversation.ts';
import type { Dice } from './dice.ts';
import { subjectOf } from './prose.ts';
import { countTokens, firstTokens } from './tokens.ts';

/** What a model thinks before it answers. */
export interface Thoughts {
  /** Null where the thinking is counted but not shown, or where there is none. */
  readonly text: string | null;
  readonly tokens: number;
}

/** Thinks as much as the request asks for and the model does of itself; never more than half of the allowed tokens. */
export function thoughts(request: GenerateRequest, traits: Traits, dice: Dice): Thoughts {
  const settings = request.reasoning;
  if (!thinks(request, traits)) return NO_THOUGHTS;
  const room = Math.floor((request.maxOutputTokens ?? Infinity) / 2);
  const sentences = SENTENCES[settings?.effort ?? 'medium'];
  const text = firstTokens(thinkingText(prompt(request), sentences, dice), room);
  const shown = text !== '' && (traits.reasoning !== 'hidden' || settings?.visible === true);
  return { text: shown ? text : null, tokens: countTokens(text) };
}

function thinks(request: GenerateRequest, traits: Traits): boolean {
  const settings = request.reasoning;
  if (traits.reasoning === 'never' || settings?.effort === 'none' || settings?.budgetTokens === 0)
    return false;
  return traits.reasoning !== 'asked' || settings !== undefined;
}

const NO_THOUGHTS: Thoughts = { text: null, tokens: 0 };

const SENTENCES: { readonly [effort in Effort]: number } = {
  none: 0,
  minimal: 1,
  low: 2,
  medium: 3,
  high: 5,
  xhigh: 6,
  max: 7,
};

function thinkingText(question: string, sentences: number, dice: Dice): string {
  const steps: string[] = [`The user asks about ${subjectOf(question) || 'something'}.`];
  const start = dice.below(STEPS.length);
  for (let i = 1; i < sentences; i += 1) steps.push(STEPS[(start + i) % STEPS.length] ?? '');
  return steps.join(' ');
}

const STEPS = [
  'First I should separate what is given from what is wanted.',
  'The plain reading of the question is probably the right one.',
  'Let me check whether earlier messages change what is meant.',
  'A short answer with one example will serve best here.',
  'I should not claim more than I can support.',
  'The result looks consistent, so I can write it down.',
];
