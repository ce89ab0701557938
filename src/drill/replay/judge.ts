import { answerText } from './answer-text.ts';
import type { ReplayRequest } from './workload.ts';
import type { Seen } from './world.ts';

/**
 * Why a request does not count as served. `refused`: an error instead of an answer. `cut`: an answer that broke off, and said
 * so. `late`: after the deadline. `empty`: told as whole, without a word. `damaged`: told as whole, but with words missing or
 * too many.
 */
export const LOSSES = ['refused', 'cut', 'late', 'empty', 'damaged'] as const;
/** One of them. */
export type Loss = (typeof LOSSES)[number];

/** What an answer was worth to its caller. */
export interface Verdict {
  /** Null where it was complete, correct and in time. */
  readonly loss: Loss | null;
  /** What is wrong with the words that came: some twice or foreign, or some missing from an answer told as whole. */
  readonly damage: 'duplicate' | 'gap' | null;
}

/** Compares an answer with the words that a world without faults gives to the same request. */
export function judge(request: ReplayRequest, seen: Seen, reference: string, deadlineMs: number): Verdict {
  if (seen.status !== 200) return { loss: 'refused', damage: null };
  const text = answerText(request.wire, seen.body);
  if (seen.ending !== 'whole')
    return { loss: 'cut', damage: reference.startsWith(text) ? null : 'duplicate' };
  if (text === '') return { loss: 'empty', damage: null };
  if (text !== reference)
    return {
      loss: 'damaged',
      damage: reference.startsWith(text) || text.length < reference.length ? 'gap' : 'duplicate',
    };
  return { loss: seen.durationMs > deadlineMs ? 'late' : null, damage: null };
}
