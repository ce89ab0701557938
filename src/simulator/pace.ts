import type { Dice } from './answer/dice.ts';
import type { Pace } from './settings.ts';

/** The delays of one answer, drawn from its own dice. */
export interface Delays {
  /** Before the head, and from the head to the first token. */
  readonly headMs: number;
  readonly firstTokenMs: number;
  /** Before the next token. */
  tokenMs(): number;
  /** For a whole answer of so many tokens. */
  wholeMs(tokens: number): number;
}

/** Draws the delays of one answer at a pace. */
export function delaysOf(pace: Pace, dice: Dice): Delays {
  const vary = (ms: number): number => Math.round(ms * (1 + pace.jitter * (2 * dice.next() - 1)) * 100) / 100;
  const tokenMs = pace.tokensPerSecond > 0 ? 1000 / pace.tokensPerSecond : 0;
  // A provider sends its head when the request is admitted and the first token once the prompt is read.
  const headMs = vary(pace.firstTokenMs * HEAD_SHARE);
  return {
    headMs,
    firstTokenMs: vary(pace.firstTokenMs * (1 - HEAD_SHARE)),
    tokenMs: () => vary(tokenMs),
    wholeMs: (tokens) => vary(pace.firstTokenMs + tokens * tokenMs),
  };
}

const HEAD_SHARE = 0.6;
