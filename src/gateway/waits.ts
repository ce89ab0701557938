import type { Target } from '../routing/target.ts';
import type { Baseline } from '../spec/health.ts';

/** How long one attempt may take for what, in milliseconds. */
export interface Waits {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly answerMs: number;
  /** A stream that stays below this is given up; 0: none is. */
  readonly minTokensPerSecond: number;
  /**
   * What the target would be granted for its first content, or for its whole answer where that is not streamed, if the caller
   * had time without end. Giving up earlier tells of the caller's hurry and not of the target's health.
   */
  readonly fairMs: number;
}

/** Learned waits are this much longer than what all but one in a hundred answers needed. */
const LEARNED_FACTOR = 1.5;
/** A learned wait is never shorter; for a model that may reason before it speaks: never shorter than the second. */
const LEARNED_MIN_MS = 5_000;
const LEARNED_MIN_REASONING_MS = 30_000;
/** A learned wait for a whole answer is this much longer than what all but one in a hundred needed: lengths differ a lot. */
const LEARNED_ANSWER_FACTOR = 3;
const LEARNED_ANSWER_MIN_MS = 30_000;
/** While another target could still be asked, one may use this share of the time that is left. */
const SHARE_OF_TIME = 0.5;
/** Prompts are read at 5,000 tokens a second or faster; a baseline learned from short ones must not fail a long one. */
const READING_MS_PER_TOKEN = 0.2;
/** Streams slower than this share of what the target usually does are given up, where nothing is configured. */
const SLOW_SHARE = 0.1;

/** What the waits of an attempt depend on besides its target. */
export interface Asked {
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly minTokensPerSecond: number | null;
  /** Until the deadline of the request, in milliseconds. */
  readonly leftMs: number;
  /** Whether another target could be asked after this one. */
  readonly others: boolean;
}

/**
 * The waits of an attempt: as configured, and where nothing is configured as learned from the target's own answers, within
 * the defaults. While there is another target none of them uses up the time in which that could answer.
 */
export function waitsFor(target: Target, baseline: Baseline | null, asked: Asked): Waits {
  const { connectMs, idleMs } = target.timeouts;
  const { firstByteMs, firstTokenMs, answerMs } = grantedTo(target, baseline, asked);
  const usual = baseline?.tokensPerSecond ?? null;
  const mostMs = asked.others ? asked.leftMs * SHARE_OF_TIME : Infinity;
  return {
    connectMs: Math.min(connectMs, mostMs),
    firstByteMs: Math.min(firstByteMs, mostMs),
    firstTokenMs: Math.min(firstTokenMs, mostMs),
    idleMs,
    answerMs: Math.min(answerMs, mostMs),
    minTokensPerSecond: asked.minTokensPerSecond ?? (usual === null ? 0 : usual * SLOW_SHARE),
    fairMs: asked.stream ? Math.min(firstByteMs, firstTokenMs) : answerMs,
  };
}

type Granted = Pick<Waits, 'firstByteMs' | 'firstTokenMs' | 'answerMs'>;

function grantedTo(
  { timeouts, learns, capabilities }: Target,
  baseline: Baseline | null,
  { inputTokens, others }: Asked,
): Granted {
  const { firstByteMs, firstTokenMs, answerMs } = timeouts;
  if (baseline === null) return { firstByteMs, firstTokenMs, answerMs };
  const reading = inputTokens * READING_MS_PER_TOKEN;
  const least = capabilities.reasoning.type === 'none' ? LEARNED_MIN_MS : LEARNED_MIN_REASONING_MS;
  const { firstTokenP99Ms: firstToken, answerP99Ms: answer } = baseline;
  const speaking = reading + (firstToken === null ? Infinity : Math.max(least, firstToken * LEARNED_FACTOR));
  const whole =
    reading + (answer === null ? Infinity : Math.max(LEARNED_ANSWER_MIN_MS, answer * LEARNED_ANSWER_FACTOR));
  return {
    firstByteMs: learns.firstByte ? Math.min(firstByteMs, speaking) : firstByteMs,
    firstTokenMs: learns.firstToken ? Math.min(firstTokenMs, speaking) : firstTokenMs,
    // How long an answer gets is its caller's wish: where nobody else could give it, short ones before it say nothing.
    answerMs: learns.answer && others ? Math.min(answerMs, whole) : answerMs,
  };
}
