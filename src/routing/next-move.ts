import { ruleOf, type ErrorKind } from '../spec/error.ts';
import type { Attempt, AttemptPurpose } from '../spec/attempt.ts';
import { backoffMs } from './backoff.ts';
import { choose, type Place } from './choose.ts';
import type { AttemptMove, Move, MoveView } from './move.ts';
import type { Plan } from './plan.ts';
import { resumeMove } from './resume-move.ts';
import type { Target } from './target.ts';

/** Longest time that a request waits, all in all, for targets to come free when nothing else is left. */
const WAIT_MAX_MS = 10_000;

type Failure = Extract<Attempt['outcome'], { type: 'failed' }>;

/**
 * Decides, from the plan and the log of attempts, what comes next. Elsewhere comes before again: a caller with a healthy
 * fallback pays one fast error, not a back-off. Order of choice after a failure: another key of the provider (rate limits,
 * quota, refused credentials), the next candidate not yet tried, once more on a target whose failure was transient, stop.
 * After content was sent it is `resumeMove` that decides. Same inputs, same move: a stored log can be replayed.
 */
export function nextMove(plan: Plan, attempts: readonly Attempt[], view: MoveView): Move {
  const last = attempts.at(-1);
  if (last === undefined) return firstMove(plan, view);
  if (last.outcome.type === 'answered') return { type: 'stop', kind: 'internal' };
  const failure = last.outcome;
  if (attempts.some(({ outcome }) => outcome.type === 'failed' && outcome.committed))
    return resumeMove(plan, attempts, view);
  const rule = ruleOf(failure.kind);
  if (rule.next === 'stop' || isToBeTold(plan, failure)) return { type: 'stop', kind: failure.kind };
  if (view.nowMs >= plan.deadlineAtMs) return { type: 'stop', kind: 'deadline_exceeded' };
  if (attempts.length >= plan.attemptsMax) return { type: 'stop', kind: tellingKind(attempts) };
  return (
    (rule.next === 'other-key' ? otherKey(plan, attempts, last, view) : null) ??
    otherTarget(plan, attempts, failure, view) ??
    sameTarget(plan, attempts, view) ?? { type: 'stop', kind: tellingKind(attempts) }
  );
}

// Whoever wants every break told wants nobody asked again for what was begun to be answered, and may be billed.
function isToBeTold({ failover }: Plan, { status }: Failure): boolean {
  return failover.resume === 'error' && status === 200;
}

function firstMove(plan: Plan, view: MoveView): Move {
  if (view.nowMs >= plan.deadlineAtMs) return { type: 'stop', kind: 'deadline_exceeded' };
  const choice = choose(plan.candidates, view, true);
  switch (choice.type) {
    case 'place':
      return attemptAt(choice.place, 'first');
    case 'parked': {
      const ms = Math.max(0, Math.ceil(choice.untilMs - view.nowMs));
      if (view.waitedMs + ms <= WAIT_MAX_MS && view.nowMs + ms < plan.deadlineAtMs)
        return { type: 'wait', ms, next: attemptAt(choice.place, 'first') };
      return { type: 'stop', kind: 'upstream_rate_limited', retryAfterMs: ms };
    }
    case 'full':
      return { type: 'stop', kind: 'overloaded', retryAfterMs: 1_000 };
    case 'none':
      return { type: 'stop', kind: 'no_target' };
  }
}

function attemptAt({ target, keyIndex }: Place, purpose: AttemptPurpose): AttemptMove {
  return { type: 'attempt', target, keyIndex, purpose, resume: null };
}

function otherKey(
  plan: Plan,
  attempts: readonly Attempt[],
  last: Attempt,
  view: MoveView,
): AttemptMove | null {
  const target = plan.candidates.find((candidate) => candidate.address === last.target);
  if (target === undefined) return null;
  // However many keys are limited, a call is left for a target that was not tried.
  const lastCall = attempts.length + 1 >= plan.attemptsMax;
  if (lastCall && plan.candidates.some((candidate) => !isTried(candidate, attempts))) return null;
  for (let keyIndex = 0; keyIndex < target.keyCount; keyIndex += 1) {
    const used = attempts.some(
      (attempt) => attempt.target === target.address && attempt.keyIndex === keyIndex,
    );
    if (used) continue;
    const { type } = view.standing(target.address, keyIndex);
    if (type === 'ready' || type === 'probe') return attemptAt({ target, keyIndex }, 'other-key');
  }
  return null;
}

function otherTarget(
  plan: Plan,
  attempts: readonly Attempt[],
  failure: Failure,
  view: MoveView,
): AttemptMove | null {
  const untried = plan.candidates.filter((candidate) => {
    if (isTried(candidate, attempts)) return false;
    return failure.kind !== 'context_too_long' || hasLargerWindow(plan, candidate, attempts);
  });
  if (untried.length === 0) return null;
  // One forced call more than the first is free: the target that was left alone may be the one that is well by now.
  const choice = choose(untried, view, attempts.length < 2);
  return choice.type === 'place' ? attemptAt(choice.place, 'failover') : null;
}

function isTried({ address }: Target, attempts: readonly Attempt[]): boolean {
  return attempts.some((attempt) => attempt.target === address);
}

// After an overflow only a window that is larger than the ones that overflowed, or unknown, is worth a call.
function hasLargerWindow(plan: Plan, candidate: Target, attempts: readonly Attempt[]): boolean {
  const window = candidate.capabilities.contextTokensMax;
  if (window === null) return true;
  return attempts.every((attempt) => {
    const tried = plan.candidates.find((each) => each.address === attempt.target);
    const triedWindow = tried?.capabilities.contextTokensMax ?? null;
    return triedWindow === null || triedWindow < window;
  });
}

// One repetition per target, only where the failure was transient and the retry budget allows it, earliest due first.
function sameTarget(plan: Plan, attempts: readonly Attempt[], view: MoveView): Move | null {
  let best: { ms: number; next: AttemptMove } | null = null;
  for (const target of plan.candidates) {
    const again = repetition(target, attempts, view);
    if (again !== null && (best === null || again.ms < best.ms)) best = again;
  }
  if (best === null || view.waitedMs + best.ms > WAIT_MAX_MS || view.nowMs + best.ms >= plan.deadlineAtMs)
    return null;
  return best.ms === 0 ? best.next : { type: 'wait', ...best };
}

function repetition(
  target: Target,
  attempts: readonly Attempt[],
  view: MoveView,
): { ms: number; next: AttemptMove } | null {
  const tries = attempts.filter((attempt) => attempt.target === target.address);
  const [only] = tries;
  if (only === undefined || tries.length > 1 || only.outcome.type !== 'failed') return null;
  const { kind, retryAfterMs } = only.outcome;
  const transient = ruleOf(kind).next === 'same-target' || kind === 'upstream_rate_limited';
  if (!transient || !view.mayRetry(target.address)) return null;
  const standing = view.standing(target.address, only.keyIndex);
  if (standing.type === 'open') return null;
  const freeAtMs = standing.type === 'parked' ? standing.untilMs : 0;
  const dueAtMs = only.startedAtMs + only.durationMs + backoffMs(1, retryAfterMs, () => view.random());
  return {
    ms: Math.max(0, Math.ceil(Math.max(dueAtMs, freeAtMs) - view.nowMs)),
    next: attemptAt({ target, keyIndex: only.keyIndex }, 'repeat'),
  };
}

// What the caller is told when everything failed: a fault of the request itself if any target named one, else what
// happened at the first choice.
function tellingKind(attempts: readonly Attempt[]): ErrorKind {
  const kinds = attempts.flatMap(({ outcome }) => (outcome.type === 'failed' ? [outcome.kind] : []));
  const callers = kinds.find((kind) => ruleOf(kind).tellsProviderText);
  return callers ?? kinds[0] ?? 'internal';
}
