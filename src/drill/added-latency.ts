import type { Attempt } from '../spec/attempt.ts';

/**
 * How much later an answer came than if the first call had been the one that answered, in milliseconds: from the start of the
 * first call to the start of the answering one. Where a stream was resumed its reader had the beginning already: there it is
 * the silence between what came before and what came after. 0 where no call answered, or the first did.
 */
export function addedLatency(attempts: readonly Attempt[]): number {
  const inOrder = attempts.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  const [first] = inOrder;
  const answering = inOrder.findLast(({ outcome }) => outcome.type === 'answered');
  if (first === undefined || answering === undefined) return 0;
  const broken = inOrder.findIndex(({ outcome }) => outcome.type === 'failed' && outcome.committed);
  if (broken < 0) return answering.startedAtMs - first.startedAtMs;
  const before = (inOrder[broken]?.startedAtMs ?? first.startedAtMs) - first.startedAtMs;
  return before + silence(inOrder.slice(broken));
}

// From the end of each call that had sent something to the first content of the call that went on.
function silence(attempts: readonly Attempt[]): number {
  let silentMs = 0;
  let brokeAtMs: number | null = null;
  for (const { startedAtMs, firstTokenMs, durationMs, outcome } of attempts) {
    if (brokeAtMs !== null && firstTokenMs !== null) {
      silentMs += startedAtMs + firstTokenMs - brokeAtMs;
      brokeAtMs = null;
    }
    if (outcome.type === 'failed' && outcome.committed) brokeAtMs = startedAtMs + durationMs;
  }
  return silentMs;
}
