import type { ResumeMethod } from '../spec/attempt.ts';
import { inputTotal, UNKNOWN_USAGE, type Usage } from '../spec/usage.ts';

/** Characters of a token of Latin text, roughly. */
export const CHARS_PER_TOKEN = 4;

/** What is known about the usage of an answer that two attempts made. */
export interface ResumedUsage {
  readonly method: ResumeMethod;
  /** What the client was told, or would have been, before the answer broke off. */
  readonly first: Usage | null;
  /** What the attempt that went on has counted by itself. */
  readonly last: Usage | null;
  /** Characters that the client had before. */
  readonly deliveredChars: number;
  /** Those of them that the attempt was shown in order to go on: the words, not the thoughts. */
  readonly shownChars: number;
  /** Characters that the client got from the attempt that went on. */
  readonly addedChars: number;
}

/**
 * The usage that the client of a resumed answer is shown: its prompt once, and the output that it received. What was really
 * spent, prompts of all attempts and text that was left out, stands in the attempts and is booked from there.
 */
export function answerUsage(resumed: ResumedUsage): Usage {
  const input = inputOf(resumed);
  return resumed.method === 'restart' ? restarted(resumed, input) : joined(resumed, input);
}

type InputUsage = Pick<Usage, 'input' | 'inputAudio' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h'>;

// Counts of two providers are never mixed: the classes of one of them, all or none. The input of an attempt that was shown
// the delivered text is larger by that than the prompt, which was not nothing.
function inputOf({ method, first, last, shownChars }: ResumedUsage): InputUsage {
  if (first !== null && inputTotal(first) !== null) return inputClasses(first);
  if (last === null) return inputClasses(UNKNOWN_USAGE);
  const classes = inputClasses(last);
  if (method === 'restart' || classes.input === null) return classes;
  return { ...classes, input: Math.max(Math.min(1, classes.input), classes.input - tokensOf(shownChars)) };
}

function inputClasses({ input, inputAudio, cacheRead, cacheWrite5m, cacheWrite1h }: Usage): InputUsage {
  return { input, inputAudio, cacheRead, cacheWrite5m, cacheWrite1h };
}

// The last attempt made the whole answer, so its own count is the count.
function restarted({ last, deliveredChars, addedChars }: ResumedUsage, input: InputUsage): Usage {
  if (last !== null && last.output !== null) return { ...last, ...input };
  const output = tokensOf(deliveredChars + addedChars);
  return { ...(last ?? UNKNOWN_USAGE), ...input, output, source: 'estimated' };
}

// What a provider counted before it broke off is old (Anthropic announces one token at the start), so the larger of its count
// and the estimate stands. Thoughts of the attempt that went on did not reach the client.
function joined({ first, last, deliveredChars, addedChars }: ResumedUsage, input: InputUsage): Usage {
  const before = first ?? UNKNOWN_USAGE;
  const delivered = Math.max(before.output ?? 0, tokensOf(deliveredChars) - (before.reasoning ?? 0));
  return {
    ...input,
    output: delivered + (last?.output ?? tokensOf(addedChars)),
    outputAudio: before.outputAudio,
    reasoning: before.reasoning,
    webSearches: before.webSearches,
    source: 'estimated',
  };
}

function tokensOf(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}
