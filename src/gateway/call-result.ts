import type { AttemptOutcome, ResumeMethod } from '../spec/attempt.ts';
import type { ErrorKind } from '../spec/error.ts';
import type { CallResult } from '../spec/health.ts';
import type { Usage } from '../spec/usage.ts';

/** Ends that our own side, or the client, brought about: they say nothing about the target. */
const OURS: readonly ErrorKind[] = [
  'client_closed',
  'deadline_exceeded',
  'internal',
  'unsupported',
  'hedge_lost',
];

const ABANDONED: CallResult = { type: 'abandoned' };

/** What an attempt tells the memory of its target. */
export function callResult(
  outcome: AttemptOutcome,
  told: {
    readonly firstTokenMs: number | null;
    readonly durationMs: number;
    readonly usage: Usage | null;
    /** Whether we gave up before the target had the time that it would be granted at leisure. */
    readonly hurried: boolean;
    /** How it was to go on with what the client had; null where nothing had been sent. */
    readonly resume: ResumeMethod | null;
  },
): CallResult {
  if (outcome.type === 'answered') {
    const { firstTokenMs, durationMs, usage } = told;
    return { type: 'answered', firstTokenMs, durationMs, outputTokens: usage?.output ?? null };
  }
  const { kind, message, retryAfterMs, committed } = outcome;
  // A caller in a hurry must not make a target look slow.
  if (kind === 'upstream_timeout' && told.hurried && !committed && told.firstTokenMs === null)
    return ABANDONED;
  // To have nothing to add to an answer that broke off may be the truth.
  if (kind === 'upstream_empty' && told.resume !== null) return ABANDONED;
  return OURS.includes(kind) ? ABANDONED : { type: 'failed', kind, message, retryAfterMs };
}
