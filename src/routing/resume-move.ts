import type { Attempt, ResumeMethod } from '../spec/attempt.ts';
import type { ErrorKind } from '../spec/error.ts';
import type { AttemptMove, MoveView, StopMove } from './move.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';

/**
 * Decides how an answer goes on of which the client has a part. Other targets come first, in the order of the plan, the one
 * that broke off last and once; at each target the ways in the order prefill (only where it is known to be taken), restart,
 * continue, as far as what was sent allows them. A target that refuses a way, or whose new answer disagrees with what was
 * sent, gets the next way; one that fails otherwise is not asked again. No refusal on this path is the caller's error.
 */
export function resumeMove(plan: Plan, attempts: readonly Attempt[], view: MoveView): AttemptMove | StopMove {
  const broken = brokenKind(attempts);
  const stop: StopMove = { type: 'stop', kind: broken };
  const last = attempts.at(-1);
  if (plan.failover.resume !== 'resume' || last === undefined || last.outcome.type !== 'failed') return stop;
  if (ENDS_ALL.includes(last.outcome.kind)) return { type: 'stop', kind: last.outcome.kind };
  if (view.nowMs >= plan.deadlineAtMs) return { type: 'stop', kind: 'deadline_exceeded' };
  if (attempts.length >= plan.attemptsMax) return stop;
  const ways = view.ways();
  if (ways.length === 0) return stop;
  return bestMove(plan, attempts, ways, view) ?? stop;
}

/** Failures of a resumed attempt that say nothing against asking the same target in another way. */
const ANOTHER_WAY: readonly ErrorKind[] = [
  'upstream_diverged',
  'upstream_empty',
  'invalid_request',
  'unsupported',
  'upstream_rejected',
  'content_filtered',
  'context_too_long',
];

const ENDS_ALL: readonly ErrorKind[] = ['client_closed', 'deadline_exceeded', 'internal'];

// What broke the answer off, not what went wrong while mending it.
function brokenKind(attempts: readonly Attempt[]): ErrorKind {
  for (const { outcome } of attempts) {
    if (outcome.type === 'failed' && outcome.committed) return outcome.kind;
  }
  return 'upstream_broken_off';
}

interface Option {
  readonly move: AttemptMove;
  /** Lower is better. */
  readonly rank: number;
}

// Among targets that stand well the order of the plan decides; then those that stand badly.
function bestMove(
  plan: Plan,
  attempts: readonly Attempt[],
  ways: readonly ResumeMethod[],
  view: MoveView,
): AttemptMove | null {
  let best: Option | null = null;
  plan.candidates.forEach((target, place) => {
    const method = nextWay(target, attempts, ways, view);
    if (method === null) return;
    const key = bestKey(target, view);
    if (key === null) return;
    // The target that is being asked in other ways already stays the choice while it has any left.
    const again = attempts.some((attempt) => attempt.target === target.address && brokeOff(attempt));
    const rank = place + (again ? 100 : 0) + (key.well ? 0 : 1_000);
    if (best !== null && best.rank <= rank) return;
    best = {
      rank,
      move: { type: 'attempt', target, keyIndex: key.index, purpose: 'resume', resume: method },
    };
  });
  return moveOf(best);
}

function brokeOff({ resume, outcome }: Attempt): boolean {
  return resume === null && outcome.type === 'failed' && outcome.committed;
}

function moveOf(best: Option | null): AttemptMove | null {
  return best === null ? null : best.move;
}

function nextWay(
  target: Target,
  attempts: readonly Attempt[],
  ways: readonly ResumeMethod[],
  view: MoveView,
): ResumeMethod | null {
  const here = attempts.filter((attempt) => attempt.target === target.address);
  const resumed = here.filter(({ resume }) => resume !== null);
  const refused = resumed.some(
    ({ outcome }) => outcome.type === 'failed' && !ANOTHER_WAY.includes(outcome.kind),
  );
  // What failed before anything was sent, or twice, is not asked again; who was only slower than a hedge has not failed.
  const failedBefore = here.some(
    ({ outcome, resume }) =>
      resume === null && outcome.type === 'failed' && !outcome.committed && outcome.kind !== 'hedge_lost',
  );
  if (refused || failedBefore) return null;
  return (
    ways.find((way) => {
      if (resumed.some(({ resume }) => resume === way)) return false;
      return way !== 'prefill' || takesPrefill(target, view);
    }) ?? null
  );
}

function takesPrefill(target: Target, view: MoveView): boolean {
  return view.prefill(target.address) ?? target.capabilities.prefill ?? false;
}

function bestKey(target: Target, view: MoveView): { readonly index: number; readonly well: boolean } | null {
  let forced: number | null = null;
  for (let index = 0; index < target.keyCount; index += 1) {
    const standing = view.standing(target.address, index);
    if (standing.type === 'ready' || standing.type === 'probe') return { index, well: true };
    if (standing.type !== 'parked' || !standing.told) forced ??= index;
  }
  return forced === null ? null : { index: forced, well: false };
}
