import { ruleOf, type ErrorKind } from '../../src/spec/error.ts';
import type { Attempt } from '../../src/spec/attempt.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { ANSWER, CALLS, PIECES } from './answers.ts';
import type { Received } from './clients.ts';
import type { Outcome } from './expected.ts';
import type { Run } from './runs.ts';

/** What came of a run, as its caller and a subscriber saw it. */
export interface Seen {
  readonly received: Received;
  readonly event: RequestFinished | null;
  readonly tookMs: number;
  /** Whether it took longer than a caller may have to wait. */
  readonly late: boolean;
}

/**
 * Whether a stream that broke off after content was sent must come to a whole answer. Without it the caller may be told
 * instead: one typed error, and the connection cut.
 */
const RESUMED: boolean = true;

/**
 * Whether calls of tools that broke off within their arguments must come to the right arguments. Without it only the form of
 * the end is looked at.
 */
const CALLS_RESUMED: boolean = false;

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
    if (!READ_AGAINST_A_CLOCK.has(run.id) && retryAfterMs !== told)
      return `it waits ${retryAfterMs} ms, not ${told}`;
  }
  return wrongNext(run, kind, attempts);
}

/** Waits that are dates without a `date` beside them; the table reads them at a time of its own. */
const READ_AGAINST_A_CLOCK: ReadonlySet<string> = new Set(['openai-429-rpm', 'retry-after-past']);

function wrongNext(run: Run, kind: ErrorKind, attempts: readonly Attempt[]): string | null {
  const [first, second] = attempts;
  const targets = attempts.map(({ target }) => target);
  if (isTold(run, kind)) {
    if (run.id === 'capacity-all') return null;
    return second === undefined ? null : `${kind} was not the end, but ${targets.join(', ')}`;
  }
  if (first?.outcome.type === 'failed' && first.outcome.committed && !RESUMED) return null;
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
  if (run.id === 'capacity-all' || ruleOf(kind).next === 'stop') return true;
  // Only the window of this wire's model is smaller than that of the healthy target.
  return kind === 'context_too_long' && run.upstream !== 'messages';
}

function wrongAnswer(run: Run, received: Received, attempts: readonly Attempt[]): string | null {
  const [first] = attempts;
  if (first?.outcome.type !== 'failed') {
    return run.id.startsWith('gemini-200-') ? wrongBlock(received) : wrongWhole(run, received, true);
  }
  const { kind, committed } = first.outcome;
  if (isTold(run, kind)) return wrongTelling(kind, received);
  return committed && !RESUMED && attempts.length === 1
    ? wrongBreak(received)
    : wrongWhole(run, received, false);
}

function wrongTelling(kind: ErrorKind, { status, errors, cut }: Received): string | null {
  const right = ruleOf(kind).status;
  if (status !== right) return `the caller got status ${status}, not ${right}`;
  return errors.length === 1 && !cut ? null : 'the caller was not told one error';
}

// An answer that broke off is told as broken: one error, and no end.
function wrongBreak({ errors, ends, text, cut }: Received): string | null {
  if (errors.length !== 1) return `the caller was told ${errors.length} errors`;
  if (ends > 0) return 'the caller was told an end of an answer that broke off';
  if (!cut) return 'the connection was not cut';
  return ANSWER.startsWith(text) ? null : 'the caller got something else than the begin of the answer';
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
  if (calls) return wrongCalls(run, received, byFirst);
  return received.text === expectedText(run, byFirst) ? null : 'the text is not the right one';
}

const FINISHES: { readonly [what in 'text' | 'calls']: readonly string[] } = {
  text: ['stop', 'end_turn'],
  calls: ['tool_calls', 'tool_use'],
};

function wrongCalls({ expected, streamed }: Run, { calls }: Received, byFirst: boolean): string | null {
  const resumed = !byFirst && streamed && expected.begun === true;
  if (resumed && !CALLS_RESUMED) return null;
  const right = JSON.stringify(CALLS.map((call) => call.arguments));
  const told = JSON.stringify(calls.map((call) => call.arguments));
  return told === right ? null : 'the calls are not those that were made';
}

// A repeated event is passed on: nothing on these wires proves that it was not meant.
function expectedText({ id, streamed }: Run, byFirst: boolean): string {
  if (!byFirst || id !== 'sse-dup-chunk' || !streamed) return ANSWER;
  return [...PIECES.slice(0, 3), ...PIECES.slice(2)].join('');
}

function describe(received: Received, { attempts }: RequestFinished): string {
  const log = attempts.map(({ target, outcome }) =>
    outcome.type === 'failed' ? `${target} ${outcome.kind} (${outcome.message})` : `${target} answered`,
  );
  const { status, text, finish, errors, ends, cut, calls } = received;
  return `attempts: ${log.join(', ')}; received: ${JSON.stringify({ status, text, finish, errors, ends, cut, calls })}`;
}
