import type { Bytes } from '../base/bytes.ts';
import { contextOverflow } from '../protocols/context-overflow.ts';
import { nextMove } from '../routing/next-move.ts';
import type { StopMove } from '../routing/move.ts';
import type { Attempt } from '../spec/attempt.ts';
import { GatewayError, ruleOf } from '../spec/error.ts';
import { makeAttempt } from './attempt.ts';
import type { AttemptResult } from './contender.ts';
import { answerHeaders, type AnswerSource } from './answer-headers.ts';
import type { FlatHeaders } from './call.ts';
import { ClientStream, type EarlyHeaders } from './client-stream.ts';
import { DeliveryLog } from './delivery-log.ts';
import { learnedPrefill } from './learn-prefill.ts';
import { attemptHedged, hedgeAfterMs } from './hedge.ts';
import type { EmptyAnswer } from './receiver.ts';
import { RequestView } from './request-view.ts';
import type { Admitted, RequestRun } from './request-run.ts';

/** A request that was answered: by which attempt, and with what body where it was not streamed. */
export interface Answered {
  readonly attempt: Attempt;
  readonly body: Bytes | null;
}

/** The attempt loop: asks `nextMove`, does what it says, appends to the log, asks again. Throws the error that ends the request. */
export async function execute(run: RequestRun, admitted: Admitted): Promise<Answered> {
  if (!admitted.stream) return attemptAll(run, admitted);
  const out = new ClientStream(run.call.sink, new RunHeaders(run));
  run.out = out;
  if (admitted.plan.failover.resume === 'resume') run.delivery = new DeliveryLog();
  out.keepAlive(run.ports.runtime.clock, run.snapshot.config.failover.clientKeepAliveMs);
  try {
    return await attemptAll(run, admitted);
  } finally {
    out.stop();
  }
}

async function attemptAll(run: RequestRun, admitted: Admitted): Promise<Answered> {
  const view = new RequestView(run, admitted);
  const harvest = new Harvest(run);
  for (;;) {
    // No turn of the loop between the decision and the call: a probe that two requests saw free would be two.
    const move = nextMove(admitted.plan, run.attempts, view);
    if (move.type === 'stop') return harvest.rest(move);
    if (run.call.sink.closed) throw finalError(run, LEFT);
    if (move.type === 'wait') {
      // Much may have changed meanwhile: it is decided anew.
      await pause(run, move.ms);
      view.waitedMs += move.ms;
      continue;
    }
    const answered =
      hedgeAfterMs(run, admitted, move) === null
        ? harvest.take(await makeAttempt(run, admitted, move))
        : harvest.takeAll(await attemptHedged(run, admitted, move, view));
    if (answered !== null) return answered;
  }
}

/** What came of the attempts of a request so far, besides their log. */
class Harvest {
  readonly #run: RequestRun;
  /** Errors with particulars for the caller that the log has no place for. */
  #told: readonly GatewayError[] = [];
  #empty: { readonly index: number; readonly answer: EmptyAnswer } | null = null;

  constructor(run: RequestRun) {
    this.#run = run;
  }

  /** The answer, if this is one. */
  take(result: AttemptResult): Answered | null {
    const { told, empty, body } = result;
    if (told !== null) this.#told = [...this.#told, told];
    if (empty !== null) this.#empty = { index: this.#run.attempts.length, answer: empty };
    const attempt = noted(this.#run, result);
    return attempt.outcome.type === 'answered' ? { attempt, body } : null;
  }

  takeAll(results: readonly AttemptResult[]): Answered | null {
    for (const result of results) {
      const answered = this.take(result);
      if (answered !== null) return answered;
    }
    return null;
  }

  /** What is left when nobody is asked any more: an empty answer, or the error that ends the request. */
  rest(move: StopMove): Answered {
    const run = this.#run;
    if (this.#empty !== null && mayBelieve(run)) return believed(run, this.#empty.index, this.#empty.answer);
    throw namedError(this.#told, move) ?? finalError(run, move);
  }
}

// Attempts that ran against each other are numbered in the order of their ends.
function noted(run: RequestRun, { attempt: ended }: AttemptResult): Attempt {
  const number = run.attempts.length + 1;
  const attempt = ended.number === number ? ended : { ...ended, number };
  run.attempts.push(attempt);
  const accepted = learnedPrefill(attempt);
  if (accepted !== null) run.ports.health.learnPrefill(attempt.target, accepted);
  run.ports.publish({ type: 'attempt-finished', requestId: run.id, attempt });
  return attempt;
}

// An empty answer is none to a client that left, or that has a part of another.
function mayBelieve({ call, attempts }: RequestRun): boolean {
  const sent = attempts.some(({ outcome }) => outcome.type === 'failed' && outcome.committed);
  return !call.sink.closed && !sent;
}

// Where nobody has more to say, an empty answer is the answer.
function believed(run: RequestRun, index: number, { bytes, streamed }: EmptyAnswer): Answered {
  const attempt = run.attempts[index];
  if (attempt === undefined) throw new GatewayError('internal', 'an empty answer came from no attempt');
  const answered: Attempt = { ...attempt, outcome: { type: 'answered', finish: { reason: 'stop' } } };
  run.attempts[index] = answered;
  if (!streamed) return { attempt: answered, body: bytes };
  run.out?.open(answerHeaders(run, sourceOf(answered)));
  run.out?.write(bytes);
  return { attempt: answered, body: null };
}

// Nobody has answered yet, so nobody is named.
class RunHeaders implements EarlyHeaders {
  readonly #run: RequestRun;

  constructor(run: RequestRun) {
    this.#run = run;
  }

  earlyHeaders(): FlatHeaders {
    const attempts = this.#run.calls;
    const unknown = { target: null, upstreamRequestId: null, warnings: [], costNanodollars: null };
    return answerHeaders(this.#run, { ...unknown, attempts });
  }
}

function sourceOf({ target, upstreamRequestId, warnings, number: attempts }: Attempt): AnswerSource {
  return { target, upstreamRequestId, attempts, warnings, costNanodollars: null };
}

const LEFT: StopMove = { type: 'stop', kind: 'client_closed' };

// Rejects where the gateway ends the request meanwhile.
function pause(run: RequestRun, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const startedMs = run.elapsedMs();
    const done = (): void => {
      run.underWay = null;
      // A wait for a provider is no work of ours.
      run.waitedMs += run.elapsedMs() - startedMs;
      if (run.interruption === null) resolve();
      else reject(run.interruption);
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
function namedError(told: readonly GatewayError[], { kind }: StopMove): GatewayError | null {
  return kind === 'internal' ? null : (told.find((error) => error.kind === kind) ?? null);
}

// What the caller is told: the one failure where there was one, all of them in short where there were several.
function finalError(run: RequestRun, { kind, retryAfterMs: freeInMs }: StopMove): GatewayError {
  const failures = run.attempts.flatMap(({ target, outcome }) =>
    outcome.type === 'failed' ? [{ target, outcome }] : [],
  );
  const telling = failures.find(({ outcome }) => outcome.kind === kind) ?? failures.at(-1);
  if (telling === undefined)
    return new GatewayError(
      kind,
      ruleOf(kind).meaning,
      freeInMs === undefined ? {} : { retryAfterMs: freeInMs },
    );
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
