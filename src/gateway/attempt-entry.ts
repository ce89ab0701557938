import type { AttemptMove } from '../routing/move.ts';
import type { Attempt } from '../spec/attempt.ts';
import { knownCost } from './meter.ts';

/** What an attempt knows of itself at its end, besides what follows from its move. */
type Ended = Pick<
  Attempt,
  | 'number'
  | 'startedAtMs'
  | 'headMs'
  | 'firstTokenMs'
  | 'durationMs'
  | 'outcome'
  | 'usage'
  | 'upstreamRequestId'
  | 'warnings'
> & { readonly move: AttemptMove };

/** The entry of an attempt in the log of its request. */
export function attemptEntry(ended: Ended): Attempt {
  const { target, keyIndex, purpose, resume } = ended.move;
  return {
    number: ended.number,
    target: target.address,
    provider: target.provider,
    model: target.model,
    keyIndex,
    purpose,
    resume,
    startedAtMs: ended.startedAtMs,
    headMs: ended.headMs,
    firstTokenMs: ended.firstTokenMs,
    durationMs: ended.durationMs,
    outcome: ended.outcome,
    usage: ended.usage,
    costNanodollars: ended.usage === null ? null : knownCost(ended.usage, target.price),
    upstreamRequestId: ended.upstreamRequestId,
    warnings: ended.warnings,
  };
}
