import type { Attempt } from '../spec/attempt.ts';
import { ruleOf } from '../spec/error.ts';
import type { GatewayEvent, RequestFinished } from '../spec/event.ts';
import type { Log, LogFields } from '../spec/ports.ts';
import { inputTotal, outputTotal } from '../spec/usage.ts';

export interface AccessLogOptions {
  readonly log: Log;
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
    event.attempts.forEach((attempt, index) => {
      if (attempt.outcome.type === 'failed') logFailure(log, event, index);
    });
    const fields = { ...requestFields(event), ...keyFields(event.keyId, nameOfKey) };
    log[levelOf(event)](requestSentence(event), fields);
  };
}

function logFailure(log: Log, event: RequestFinished, index: number): void {
  const attempt = event.attempts[index];
  if (attempt?.outcome.type !== 'failed') return;
  const { kind, message, status, retryAfterMs, committed } = attempt.outcome;
  // A caller's mistake that a provider found is no reason to wake anybody.
  const level = ruleOf(kind).next === 'stop' ? 'info' : 'warn';
  log[level](`${clean(attempt.target)} failed: ${sentence(clean(message))} ${whatWasDone(event, index)}`, {
    request_id: event.requestId,
    attempt: attempt.number,
    target: clean(attempt.target),
    kind,
    upstream_status: status,
    ms: round(attempt.durationMs),
    retry_after_ms: retryAfterMs,
    after_content: committed || undefined,
    upstream_request_id: clean(attempt.upstreamRequestId),
  });
}

function whatWasDone(event: RequestFinished, index: number): string {
  const attempt = event.attempts[index];
  const next = event.attempts[index + 1];
  if (next === undefined) return `No attempt followed; the caller got ${event.status}.`;
  const pauseMs = round(next.startedAtMs - (attempt?.startedAtMs ?? 0) - (attempt?.durationMs ?? 0));
  const waited = pauseMs !== null && pauseMs >= 1 ? ` after ${pauseMs} ms` : '';
  if (next.target !== attempt?.target) return `Went on with ${clean(next.target)}${waited}.`;
  return next.keyIndex === attempt.keyIndex
    ? `Tried it once more${waited}.`
    : `Tried it with another key${waited}.`;
}

function requestSentence(event: RequestFinished): string {
  const model = clean(event.model) ?? 'no model';
  const count = event.attempts.length;
  if (event.error !== null) {
    return `${model}: ${event.status} after ${attemptsText(count)}: ${clean(event.error.message)}`;
  }
  const answered = event.target === null ? '' : ` from ${clean(event.target)}`;
  return `${model}: ${event.status}${answered}${count > 1 ? ` after ${attemptsText(count)}` : ''}`;
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function attemptsText(count: number): string {
  return count === 1 ? '1 attempt' : `${count} attempts`;
}

function requestFields(event: RequestFinished): LogFields {
  const { usage, error, attempts } = event;
  return {
    request_id: event.requestId,
    model: clean(event.model),
    target: clean(event.target),
    status: event.status,
    kind: error?.kind,
    attempts: attempts.length,
    tried: attempts.length > 1 ? attempts.map(targetOf).join(' ') : undefined,
    ms: round(event.durationMs),
    first_token_ms: round(event.firstTokenMs),
    overhead_ms: round(event.overheadMs),
    input_tokens: usage === null ? null : inputTotal(usage),
    output_tokens: usage === null ? null : outputTotal(usage),
    cost_usd: event.costNanodollars === null ? null : Number(event.costNanodollars) / 1e9,
    reason: clean(event.routeReason),
    protocol: event.protocol,
    stream: event.stream,
    warnings: event.warnings.length || undefined,
  };
}

function keyFields(keyId: string | null, nameOfKey: AccessLogOptions['nameOfKey']): LogFields {
  return keyId === null ? {} : { key_id: keyId, key: clean(nameOfKey(keyId)) };
}

function levelOf({ error }: RequestFinished): 'debug' | 'info' | 'warn' | 'error' {
  // Every request has its line, so the quiet kinds are told at the ordinary level.
  const level = error === null ? 'info' : ruleOf(error.kind).level;
  return level === 'debug' ? 'info' : level;
}

function targetOf(attempt: Attempt): string {
  return clean(attempt.target);
}

function round(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}

/** Longest text of others that stands in a line. */
const TEXT_MAX = 300;

// Texts of clients and providers must not break a line, move a terminal's cursor, or fill the disk.
function clean(text: string): string;
function clean(text: string | null): string | null;
function clean(text: string | null): string | null {
  if (text === null) return null;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ');
  return plain.length > TEXT_MAX ? `${plain.slice(0, TEXT_MAX)}…` : plain;
}
