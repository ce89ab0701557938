import { costOf } from '../ledger/cost.ts';
import { choose, type Place } from '../routing/choose.ts';
import type { AttemptMove, MoveView } from '../routing/move.ts';
import type { Timer } from '../spec/ports.ts';
import { UNKNOWN_USAGE } from '../spec/usage.ts';
import { startAttempt } from './attempt.ts';
import type { AttemptResult, Contender } from './contender.ts';
import type { Abandonable, Admitted, RequestRun } from './request-run.ts';

/** Output that is expected of an answer nobody limited, for the ceiling of a hedge's cost. */
const EXPECTED_OUTPUT_TOKENS = 1_000;

/**
 * Makes an attempt and, where it is slow to speak, a second one at another target ("The Tail at Scale", Dean and Barroso
 * 2013): the first to speak answers, the other is cancelled and paid. Gives every result, in the order of their ends; the
 * last is the one to go by.
 */
export function attemptHedged(
  run: RequestRun,
  admitted: Admitted,
  move: AttemptMove,
  view: MoveView,
): Promise<readonly AttemptResult[]> {
  return new Promise((resolve) => {
    const race = new Race({ run, admitted, view, resolve });
    race.start(move);
  });
}

/** How long the first target has, where this attempt may be hedged at all; null where it may not. */
export function hedgeAfterMs(run: RequestRun, admitted: Admitted, move: AttemptMove): number | null {
  const { hedge } = admitted.plan.failover;
  if (hedge === null || !mayBeHedged(run, admitted, move)) return null;
  if (!hedge.tools && usesTools(run)) return null;
  return hedge.afterMs ?? usualMs(run, admitted, move);
}

function mayBeHedged(run: RequestRun, { plan, named }: Admitted, { purpose }: AttemptMove): boolean {
  if (purpose !== 'first' || plan.candidates.length < 2) return false;
  return run.call.surface.operation === 'generate' && named.kind !== 'direct';
}

// How long the target nearly always needs to speak; an answer that is not streamed speaks only when it is whole.
function usualMs(run: RequestRun, { stream }: Admitted, { target }: AttemptMove): number | null {
  const usual = run.ports.health.baseline(target.address);
  if (usual === null) return null;
  return stream ? usual.firstTokenP95Ms : usual.answerP99Ms;
}

// A tool may be called by whoever answers first only if nobody minds that it could have been called twice.
function usesTools(run: RequestRun): boolean {
  try {
    return run.decoded().tools.length > 0;
  } catch {
    return true;
  }
}

interface RaceParts {
  readonly run: RequestRun;
  readonly admitted: Admitted;
  readonly view: MoveView;
  resolve(results: readonly AttemptResult[]): void;
}

class Race implements Abandonable {
  readonly #parts: RaceParts;
  readonly #running = new Set<Contender>();
  readonly #results: AttemptResult[] = [];
  #timer: Timer | null = null;
  #won = false;
  readonly #startedMs: number;

  constructor(parts: RaceParts) {
    this.#parts = parts;
    this.#startedMs = parts.run.elapsedMs();
  }

  start(move: AttemptMove): void {
    const { run, admitted } = this.#parts;
    const afterMs = hedgeAfterMs(run, admitted, move);
    this.#begin(move);
    if (afterMs === null || this.#running.size === 0) return;
    this.#timer = run.ports.runtime.clock.after(afterMs, () => this.#hedge(move));
  }

  /** One of them speaks: the others are too late. */
  won(winner: Contender): void {
    if (this.#won) return;
    this.#won = true;
    this.#timer?.cancel();
    for (const each of this.#running) if (each !== winner) each.lose();
  }

  abandon(): void {
    this.#timer?.cancel();
    for (const each of this.#running) each.abandon();
  }

  #begin(move: AttemptMove): void {
    const { run, admitted } = this.#parts;
    const contender = startAttempt({ run, admitted, move, race: this }, (result) => {
      this.#running.delete(contender);
      this.#ended(result);
    });
    this.#running.add(contender);
    contender.start();
    if (this.#running.size > 0) run.underWay = this;
  }

  #ended(result: AttemptResult): void {
    // Losers end when somebody speaks, so what spoke comes last, whether it answered or broke off: it is the one to go by.
    this.#results.push(result);
    if (this.#running.size > 0) return;
    this.#timer?.cancel();
    const { run } = this.#parts;
    run.underWay = null;
    run.waitedMs += run.elapsedMs() - this.#startedMs;
    this.#parts.resolve(this.#results);
  }

  #hedge(first: AttemptMove): void {
    const { run } = this.#parts;
    if (this.#won || run.call.sink.closed) return;
    const place = this.#secondPlace(first);
    if (place === null || !run.ports.health.mayRetry(place.target.address)) return;
    if (this.#isTooDear(place)) return;
    this.#begin({ type: 'attempt', ...place, purpose: 'hedge', resume: null });
  }

  #secondPlace(first: AttemptMove): Place | null {
    const { admitted, view } = this.#parts;
    const others = admitted.plan.candidates.filter(({ address }) => address !== first.target.address);
    const choice = choose(others, view, false);
    if (choice.type !== 'place') return null;
    const { target, keyIndex } = choice.place;
    return view.standing(target.address, keyIndex).type === 'ready' ? choice.place : null;
  }

  // A price that nobody knows cannot be kept below a ceiling.
  #isTooDear({ target }: Place): boolean {
    const { run, admitted } = this.#parts;
    const ceiling = admitted.plan.failover.hedge?.maxCostUsd ?? 0;
    if (target.price === null) return true;
    const usage = { ...UNKNOWN_USAGE, input: run.inputTokensEstimate(), output: EXPECTED_OUTPUT_TOKENS };
    return Number(costOf(usage, target.price).nanodollars) > ceiling * 1e9;
  }
}
