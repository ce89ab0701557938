import type { Attempt } from '../spec/attempt.ts';

/** Kinds by which a target says that it does not continue a last message of the assistant. */
const REFUSALS = ['invalid_request', 'unsupported', 'upstream_rejected'];

/** What an attempt teaches of its target: whether it takes a prefill (true) or refuses it (false); null: nothing. */
export function learnedPrefill({ resume, outcome, firstTokenMs }: Attempt): boolean | null {
  if (resume !== 'prefill') return null;
  if (outcome.type === 'answered' || firstTokenMs !== null) return true;
  return REFUSALS.includes(outcome.kind) ? false : null;
}
