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
}

/** Learned waits are this much longer than what all but one in a hundred answers needed. */
const LEARNED_FACTOR = 1.5;
/** A learned wait is never shorter; for a model that may reason before it speaks: never shorter than the second. */
const LEARNED_MIN_MS = 5_000;
const LEARNED_MIN_REASONING_MS = 30_000;
/** Prompts are read at 5,000 tokens a second or faster; a baseline learned from short ones must not fail a long one. */
const READING_MS_PER_TOKEN = 0.2;
/** Streams slower than this share of what the target usually does are given up, where nothing is configured. */
const SLOW_SHARE = 0.1;

/**
 * The waits of an attempt: as configured, and where nothing is configured as learned from the target's own answers, within
 * the defaults.
 */
export function waitsFor(
  { timeouts, learns, capabilities }: Target,
  baseline: Baseline | null,
  asked: { readonly inputTokens: number; readonly minTokensPerSecond: number | null },
): Waits {
  const { connectMs, idleMs, answerMs } = timeouts;
  const usual = baseline?.tokensPerSecond ?? null;
  const waits = {
    connectMs,
    firstByteMs: timeouts.firstByteMs,
    firstTokenMs: timeouts.firstTokenMs,
    idleMs,
    answerMs,
    minTokensPerSecond: asked.minTokensPerSecond ?? (usual === null ? 0 : usual * SLOW_SHARE),
  };
  if (baseline === null) return waits;
  const least = capabilities.reasoning.type === 'none' ? LEARNED_MIN_MS : LEARNED_MIN_REASONING_MS;
  const learned =
    Math.max(least, baseline.firstTokenP99Ms * LEARNED_FACTOR) + asked.inputTokens * READING_MS_PER_TOKEN;
  return {
    ...waits,
    firstByteMs: learns.firstByte ? Math.min(waits.firstByteMs, learned) : waits.firstByteMs,
    firstTokenMs: learns.firstToken ? Math.min(waits.firstTokenMs, learned) : waits.firstTokenMs,
  };
}
