import { unreachable } from '../base/assert.ts';
import type { Bytes } from '../base/bytes.ts';
import { contextOverflow } from '../protocols/context-overflow.ts';
import { nextMove, type AttemptMove, type Move, type MoveView } from '../routing/next-move.ts';
import type { Attempt } from '../spec/attempt.ts';
import { GatewayError, ruleOf, type ErrorKind } from '../spec/error.ts';
import { makeAttempt } from './attempt.ts';
import type { Admitted, RequestRun } from './request-run.ts';

/** A request that was answered: by which attempt, and with what body where it was not streamed. */
export interface Answered {
  readonly attempt: Attempt;
  readonly body: Bytes | null;
}

/** The attempt loop: asks `nextMove`, does what it says, appends to the log, asks again. Throws the error that ends the request. */
export async function execute(run: RequestRun, admitted: Admitted): Promise<Answered> {
  const { random } = run.ports.runtime;
  const told: GatewayError[] = [];
  for (;;) {
    const view: MoveView = { nowMs: run.nowMs(), random: () => random.next(), open: () => false };
    const move = await awaited(run, nextMove(admitted.plan, run.attempts, view));
    if (move.type === 'stop') throw namedError(told, move.kind) ?? finalError(run, move.kind);
    const { attempt, body, told: error } = await makeAttempt(run, admitted, move);
    if (error !== null) told.push(error);
    run.attempts.push(attempt);
    run.ports.publish({ type: 'attempt-finished', requestId: run.id, attempt });
    if (attempt.outcome.type === 'answered') return { attempt, body };
  }
}

// Waits where the move says so; what is left is to attempt or to stop.
async function awaited(
  run: RequestRun,
  move: Move,
): Promise<AttemptMove | { readonly type: 'stop'; readonly kind: ErrorKind }> {
  switch (move.type) {
    case 'attempt':
      return run.call.sink.closed ? { type: 'stop', kind: 'client_closed' } : move;
    case 'stop':
      return move;
    case 'wait':
      await pause(run, move.ms);
      return run.call.sink.closed ? { type: 'stop', kind: 'client_closed' } : move.next;
    default:
      return unreachable(move);
  }
}

function pause(run: RequestRun, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const startedMs = run.elapsedMs();
    const done = (): void => {
      run.underWay = null;
      // A wait for a provider is no work of ours.
      run.waitedMs += run.elapsedMs() - startedMs;
      resolve();
    };
    const timer = run.ports.runtime.clock.after(ms, done);
    run.underWay = {
      abandon() {
        timer.cancel();
        done();
      },
    };
  });
}

// What our own side refuses, or a provider of the client's own wire, names the field and the reason, which the log of
// attempts does not keep.
function namedError(told: readonly GatewayError[], kind: ErrorKind): GatewayError | null {
  return kind === 'internal' ? null : (told.find((error) => error.kind === kind) ?? null);
}

// What the caller is told: the one failure where there was one, all of them in short where there were several.
function finalError(run: RequestRun, kind: ErrorKind): GatewayError {
  const failures = run.attempts.flatMap(({ target, outcome }) =>
    outcome.type === 'failed' ? [{ target, outcome }] : [],
  );
  const telling = failures.find(({ outcome }) => outcome.kind === kind) ?? failures.at(-1);
  if (telling === undefined) return new GatewayError(kind, ruleOf(kind).meaning);
  const { outcome } = telling;
  const retryAfterMs = soonest(failures.map((failure) => failure.outcome.retryAfterMs));
  const detail = {
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(outcome.status === null ? {} : { upstreamStatus: outcome.status }),
    providerMessage: outcome.message,
    // Clients shorten a conversation by these two numbers, each reading them in its own wire's words.
    ...(kind === 'context_too_long' ? contextOverflow(outcome.message) : null),
  };
  if (ruleOf(kind).tellsProviderText) return new GatewayError(kind, outcome.message, detail);
  return new GatewayError(
    kind,
    `${ruleOf(kind).meaning} Tried: ${failures.map(inShort).join('; ')}.`,
    detail,
  );
}

function inShort({
  target,
  outcome,
}: {
  target: string;
  outcome: Extract<Attempt['outcome'], { type: 'failed' }>;
}): string {
  return `${target} (${outcome.kind}${outcome.status === null ? '' : `, status ${outcome.status}`})`;
}

function soonest(waits: readonly (number | null)[]): number | null {
  const known = waits.flatMap((wait) => (wait === null ? [] : [wait]));
  return known.length === 0 ? null : Math.min(...known);
}
