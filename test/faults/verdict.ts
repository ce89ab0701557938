import { ruleOf, type ErrorKind } from '../../src/spec/error.ts';
import type { Attempt } from '../../src/spec/attempt.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { ANSWER, CALLS, PIECES } from './answers.ts';
import type { Received } from './clients.ts';
import type { Outcome } from './expected.ts';
import type { Run } from './runs.ts';
import { weaknessOf } from './weaker.ts';

/** What came of a run, as its caller and a subscriber saw it. */
export interface Seen {
  readonly received: Received;
  readonly event: RequestFinished | null;
  readonly tookMs: number;
  /** Whether it took longer than a caller may have to wait. */
  readonly late: boolean;
}

/** What is wrong with how a run ended; null where nothing is. */
export function verdict(run: Run, seen: Seen | undefined): string | null {
  if (seen === undefined) return 'it never ended';
  const { received, event, late, tookMs } = seen;
  if (late) return `it took ${Math.round(tookMs)} ms`;
  if (event === null) return 'no event tells of its end';
  const wrong = wrongAttempts(run, event.attempts) ?? wrongAnswer(run, received, event.attempts);
  return wrong === null ? null : `${wrong}; ${describe(received, event)}`;
}

function wrongAttempts(run: Run, attempts: readonly Attempt[]): string | null {
  const [first, second] = attempts;
  if (first === undefined) return 'no call was made';
  const kind = first.outcome.type === 'failed' ? first.outcome.kind : null;
  const { among } = run.expected;
  const wanted = kindsOf(run);
  if (!wanted.includes(kind)) return `the first call came to ${kind}, not ${wanted.join(' or ')}`;
  if (kind === null) return second === undefined ? null : 'a good answer was not enough';
  if (first.outcome.type === 'failed' && among === undefined) {
    const { retryAfterMs } = first.outcome;
    const told = run.expected.retryAfterMs ?? null;
    if (weaknessOf(run) !== 'wait' && retryAfterMs !== told)
      return `it waits ${retryAfterMs} ms, not ${told}`;
  }
  return wrongNext(run, kind, attempts);
}

function wrongNext(run: Run, kind: ErrorKind, attempts: readonly Attempt[]): string | null {
  const [, second] = attempts;
  const targets = attempts.map(({ target }) => target);
  if (isTold(run, kind)) {
    if (weaknessOf(run) === 'nobody-left') return null;
    return second === undefined ? null : `${kind} was not the end, but ${targets.join(', ')}`;
  }
  const ordered = run.id === 'correlated-two' ? 3 : 2;
  if (attempts.length !== ordered) return `it took ${attempts.length} calls: ${targets.join(', ')}`;
  return targets.at(-1)?.startsWith('healthy/') === true ? null : `the last call went to ${targets.at(-1)}`;
}

/** The kinds that the first call may come to; null is a good answer. */
function kindsOf({ expected, streamed, upstream }: Run): readonly (ErrorKind | null)[] {
  if (expected.among !== undefined) return expected.among;
  const whole = streamed ? undefined : expected.whole;
  const outcome: Outcome | null = whole !== undefined ? whole : (expected.on?.[upstream] ?? expected.outcome);
  return [outcome?.kind ?? null];
}

// The caller is told where nobody else could do better.
function isTold(run: Run, kind: ErrorKind): boolean {
  if (weaknessOf(run) === 'nobody-left' || ruleOf(kind).next === 'stop') return true;
  // Only the window of this wire's model is smaller than that of the healthy target.
  return kind === 'context_too_long' && run.upstream !== 'messages';
}

function wrongAnswer(run: Run, received: Received, attempts: readonly Attempt[]): string | null {
  const [first] = attempts;
  if (first?.outcome.type !== 'failed') {
    return weaknessOf(run) === 'blocked' ? wrongBlock(received) : wrongWhole(run, received, true);
  }
  const { kind } = first.outcome;
  return isTold(run, kind) ? wrongTelling(kind, received) : wrongWhole(run, received, false);
}

function wrongTelling(kind: ErrorKind, { status, errors, cut }: Received): string | null {
  const right = ruleOf(kind).status;
  if (status !== right) return `the caller got status ${status}, not ${right}`;
  return errors.length === 1 && !cut ? null : 'the caller was not told one error';
}

function wrongBlock({ status, errors, finish, text }: Received): string | null {
  const right = status === 200 && errors.length === 0 && text === '';
  return right && ['content_filter', 'refusal'].includes(finish ?? '')
    ? null
    : 'a blocked answer was not told so';
}

function wrongWhole(run: Run, received: Received, byFirst: boolean): string | null {
  const { status, errors, cut, ends, finish } = received;
  const calls = run.expected.calls === true;
  if (status !== 200 || errors.length > 0 || cut) return 'the caller got no whole answer';
  if (ends !== 1) return `the answer ended ${ends} times`;
  if (!FINISHES[calls ? 'calls' : 'text'].includes(finish ?? '')) return `the finish is ${finish}`;
  if (calls) return wrongCalls(received);
  return received.text === expectedText(run, byFirst) ? null : 'the text is not the right one';
}

const FINISHES: { readonly [what in 'text' | 'calls']: readonly string[] } = {
  text: ['stop', 'end_turn'],
  calls: ['tool_calls', 'tool_use'],
};

function wrongCalls({ calls }: Received): string | null {
  const right = JSON.stringify(CALLS.map((call) => call.arguments));
  const told = JSON.stringify(calls.map((call) => call.arguments));
  return told === right ? null : 'the calls are not those that were made';
}

// A repeated event is passed on: nothing on these wires proves that it was not meant.
function expectedText(run: Run, byFirst: boolean): string {
  if (!byFirst || !run.streamed || weaknessOf(run) !== 'repeated') return ANSWER;
  return [...PIECES.slice(0, 3), ...PIECES.slice(2)].join('');
}

function describe(received: Received, { attempts }: RequestFinished): string {
  const log = attempts.map(({ target, outcome }) =>
    outcome.type === 'failed' ? `${target} ${outcome.kind} (${outcome.message})` : `${target} answered`,
  );
  const { status, text, finish, errors, ends, cut, calls } = received;
  return `attempts: ${log.join(', ')}; received: ${JSON.stringify({ status, text, finish, errors, ends, cut, calls })}`;
}
