import { ruleOf, type ErrorKind } from '../spec/error.ts';
import type { Attempt, AttemptPurpose, ResumeMethod } from '../spec/attempt.ts';
import { backoffMs } from './backoff.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';

/** What the attempt loop does next. */
export type Move =
  | AttemptMove
  /** Wait, then make this attempt. */
  | { readonly type: 'wait'; readonly ms: number; readonly next: AttemptMove }
  /** The request ends with this kind of error. */
  | { readonly type: 'stop'; readonly kind: ErrorKind };

/** Call this target. */
export interface AttemptMove {
  readonly type: 'attempt';
  readonly target: Target;
  /** Which of the provider's keys to use, by position. */
  readonly keyIndex: number;
  readonly purpose: AttemptPurpose;
  /** How to go on with what the client has already; null where nothing was sent. */
  readonly resume: ResumeMethod | null;
}

/** What a decision may look at besides the plan and the log: the time, chance, and which targets are shut off. */
export interface MoveView {
  readonly nowMs: number;
  readonly random: () => number;
  /** Whether this target's circuit is open. */
  open(target: Target): boolean;
}

/** Longest wait that is worth making for the same target when nothing else is left. */
const WAIT_MAX_MS = 10_000;

type Failure = Extract<Attempt['outcome'], { type: 'failed' }>;

/**
 * Decides, from the plan and the log of attempts alone, what comes next. Elsewhere comes before again: a caller with a
 * healthy fallback pays one fast error, not a back-off. Order of choice after a failure: another key of the provider
 * (rate limits, quota, refused credentials), the next candidate not yet tried, once more on a target whose failure was
 * transient, stop. Same inputs, same move: a stored log can be replayed.
 */
export function nextMove(plan: Plan, attempts: readonly Attempt[], view: MoveView): Move {
  const last = attempts.at(-1);
  if (last === undefined) return firstMove(plan, view);
  if (last.outcome.type === 'answered') return { type: 'stop', kind: 'internal' };
  const failure = last.outcome;
  const rule = ruleOf(failure.kind);
  if (failure.committed || rule.next === 'stop') return { type: 'stop', kind: failure.kind };
  if (view.nowMs >= plan.deadlineAtMs) return { type: 'stop', kind: 'deadline_exceeded' };
  if (attempts.length >= plan.attemptsMax) return { type: 'stop', kind: tellingKind(attempts) };
  return (
    (rule.next === 'other-key' ? otherKey(plan, attempts, last) : null) ??
    otherTarget(plan, attempts, failure, view) ??
    sameTarget(plan, attempts, view) ?? { type: 'stop', kind: tellingKind(attempts) }
  );
}

function firstMove(plan: Plan, view: MoveView): Move {
  if (view.nowMs >= plan.deadlineAtMs) return { type: 'stop', kind: 'deadline_exceeded' };
  // Panic rule: with every circuit open, an open one is better than none.
  const target = plan.candidates.find((candidate) => !view.open(candidate)) ?? plan.candidates[0];
  return target === undefined ? { type: 'stop', kind: 'no_target' } : firstCall(target, view);
}

// Requests are spread over a provider's keys, so that one key's limit is not met while others idle.
function firstCall(target: Target, view: MoveView): AttemptMove {
  const keyIndex = target.keyCount === 1 ? 0 : Math.floor(view.random() * target.keyCount);
  return { type: 'attempt', target, keyIndex, purpose: 'first', resume: null };
}

function otherKey(plan: Plan, attempts: readonly Attempt[], last: Attempt): AttemptMove | null {
  const target = plan.candidates.find((candidate) => candidate.address === last.target);
  if (target === undefined) return null;
  for (let keyIndex = 0; keyIndex < target.keyCount; keyIndex += 1) {
    const used = attempts.some(
      (attempt) => attempt.target === target.address && attempt.keyIndex === keyIndex,
    );
    if (!used) return { type: 'attempt', target, keyIndex, purpose: 'other-key', resume: null };
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
    if (attempts.some((attempt) => attempt.target === candidate.address)) return false;
    return failure.kind !== 'context_too_long' || hasLargerWindow(plan, candidate, attempts);
  });
  const target = untried.find((candidate) => !view.open(candidate)) ?? untried[0];
  return target === undefined ? null : firstCall(target, view);
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

// One repetition per target, only where the failure was transient, earliest due first.
function sameTarget(plan: Plan, attempts: readonly Attempt[], view: MoveView): Move | null {
  let best: { ms: number; next: AttemptMove } | null = null;
  for (const target of plan.candidates) {
    const again = repetition(target, attempts, view);
    if (again !== null && (best === null || again.ms < best.ms)) best = again;
  }
  if (best === null || best.ms > WAIT_MAX_MS || view.nowMs + best.ms >= plan.deadlineAtMs) return null;
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
  if (!transient) return null;
  const dueAtMs = only.startedAtMs + only.durationMs + backoffMs(1, retryAfterMs, view.random);
  return {
    ms: Math.max(0, Math.ceil(dueAtMs - view.nowMs)),
    next: { type: 'attempt', target, keyIndex: only.keyIndex, purpose: 'repeat', resume: null },
  };
}

// What the caller is told when everything failed: a fault of the request itself if any target named one, else what
// happened at the first choice.
function tellingKind(attempts: readonly Attempt[]): ErrorKind {
  const kinds = attempts.flatMap(({ outcome }) => (outcome.type === 'failed' ? [outcome.kind] : []));
  const callers = kinds.find((kind) => ruleOf(kind).tellsProviderText);
  return callers ?? kinds[0] ?? 'internal';
}
