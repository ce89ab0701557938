import type { Attempt, AttemptPurpose } from '../spec/attempt.ts';
import { ruleOf } from '../spec/error.ts';
import type { GatewayEvent, RequestFinished } from '../spec/event.ts';
import type { Log } from '../spec/ports.ts';
import { accessLine } from './access-line.ts';
import { lostRace } from './lost-race.ts';
import { plain } from './line-text.ts';

/** A log that also takes lines whose members are JSON already. */
export interface LineLog extends Log {
  line(level: 'debug' | 'info' | 'warn' | 'error', members: string): void;
}

export interface AccessLogOptions {
  readonly log: LineLog;
  /** Name of a key for people; null where it is not known (any more). */
  readonly nameOfKey: (keyId: string) => string | null;
}

/**
 * Writes one line per finished request, and before it one per failed attempt that says what happened and what was done about
 * it. Subscribe it with a queue. Names and ids only: never contents, never keys.
 */
export function accessLog({ log, nameOfKey }: AccessLogOptions): (event: GatewayEvent) => void {
  return (event) => {
    if (event.type !== 'request-finished') return;
    for (let index = 0; index < event.attempts.length; index += 1) logFailure(log, event, index);
    const { keyId } = event;
    log.line(levelOf(event), accessLine(event, keyId === null ? null : nameOfKey(keyId)));
  };
}

function logFailure(log: Log, event: RequestFinished, index: number): void {
  const attempt = event.attempts[index];
  // A race is told by who won it.
  if (attempt?.outcome.type !== 'failed' || lostRace(attempt)) return;
  const { kind, message, status, retryAfterMs, committed } = attempt.outcome;
  // A caller's mistake that a provider found is no reason to wake anybody.
  const level = ruleOf(kind).next === 'stop' ? 'info' : 'warn';
  log[level](`${plain(attempt.target)} failed: ${sentence(plain(message))} ${whatWasDone(event, index)}`, {
    request_id: event.requestId,
    attempt: attempt.number,
    purpose: attempt.purpose,
    resume: attempt.resume ?? undefined,
    target: plain(attempt.target),
    kind,
    upstream_status: status,
    ms: tenths(attempt.durationMs),
    retry_after_ms: retryAfterMs,
    after_content: committed || undefined,
    upstream_request_id: attempt.upstreamRequestId === null ? null : plain(attempt.upstreamRequestId),
  });
}

function whatWasDone(event: RequestFinished, index: number): string {
  const attempt = event.attempts[index];
  const next = event.attempts.find((later, at) => at > index && !lostRace(later));
  if (attempt === undefined || next === undefined) {
    return `No attempt followed; the caller got ${event.status}.`;
  }
  const pauseMs = tenths(next.startedAtMs - attempt.startedAtMs - attempt.durationMs);
  return DONE[next.purpose](next, attempt, pauseMs >= 1 ? ` after ${pauseMs} ms` : '');
}

type Done = (next: Attempt, failed: Attempt, waited: string) => string;

const wentOnBeside: Done = (next) => `The call beside it, to ${plain(next.target)}, went on.`;

/** What was done about a failure, by why the next call was made. */
const DONE: { readonly [purpose in AttemptPurpose]: Done } = {
  // Both of a race are told when they have ended, so whoever stands next was there before.
  first: wentOnBeside,
  hedge: wentOnBeside,
  'other-key': (_next, _failed, waited) => `Tried it with another key${waited}.`,
  repeat: (next, failed, waited) =>
    `Tried ${next.target === failed.target ? 'it' : plain(next.target)} once more${waited}.`,
  failover: (next, _failed, waited) => `Went on with ${plain(next.target)}${waited}.`,
  resume: (next, _failed, waited) =>
    `The answer went on at ${plain(next.target)}${next.resume === null ? '' : `, by ${next.resume}`}${waited}.`,
};

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function levelOf({ error }: RequestFinished): 'debug' | 'info' | 'warn' | 'error' {
  // Every request has its line, so the quiet kinds are told at the ordinary level.
  const level = error === null ? 'info' : ruleOf(error.kind).level;
  return level === 'debug' ? 'info' : level;
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
