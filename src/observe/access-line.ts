import { jsonNumber } from '../base/json-text.ts';
import type { Attempt } from '../spec/attempt.ts';
import type { RequestFinished } from '../spec/event.ts';
import { inputTotal, outputTotal } from '../spec/usage.ts';
import { plainJson } from './line-text.ts';

/**
 * The members of a finished request's line as JSON. Put together by hand, because every request has one: a library that
 * takes an object costs three times as much. Names and ids only: never contents, never keys.
 */
export function accessLine(event: RequestFinished, keyName: string | null): string {
  const { usage, error, attempts, costNanodollars } = event;
  let text = `"request_id":"${plainJson(event.requestId)}","model":${name(event.model)},"target":${name(event.target)}`;
  text += `,"status":${event.status}`;
  if (error !== null) text += `,"kind":"${error.kind}"`;
  text += `,"attempts":${attempts.length}`;
  if (attempts.length > 1) text += `,"tried":"${attempts.map(targetOf).join(' ')}"`;
  text += `,"ms":${tenths(event.durationMs)},"first_token_ms":${tenths(event.firstTokenMs)}`;
  text += `,"overhead_ms":${tenths(event.overheadMs)}`;
  text += `,"input_tokens":${total(usage === null ? null : inputTotal(usage))}`;
  text += `,"output_tokens":${total(usage === null ? null : outputTotal(usage))}`;
  text += `,"cost_usd":${costNanodollars === null ? 'null' : jsonNumber(Number(costNanodollars) / 1e9)}`;
  text += `,"reason":${name(event.routeReason)},"protocol":"${plainJson(event.protocol)}"`;
  text += event.stream ? ',"stream":true' : ',"stream":false';
  if (event.warnings.length > 0) text += `,"warnings":${event.warnings.length}`;
  if (event.keyId !== null) text += `,"key_id":"${plainJson(event.keyId)}","key":${name(keyName)}`;
  return `${text},"message":"${sentenceOf(event)}"`;
}

function sentenceOf(event: RequestFinished): string {
  const model = event.model === null ? 'no model' : plainJson(event.model);
  const count = event.attempts.length;
  if (event.error !== null) {
    return `${model}: ${event.status} after ${attemptsText(count)}: ${plainJson(event.error.message)}`;
  }
  const answered = event.target === null ? '' : ` from ${plainJson(event.target)}`;
  return `${model}: ${event.status}${answered}${count > 1 ? ` after ${attemptsText(count)}` : ''}`;
}

function attemptsText(count: number): string {
  return count === 1 ? '1 attempt' : `${count} attempts`;
}

function name(text: string | null): string {
  return text === null ? 'null' : `"${plainJson(text)}"`;
}

function targetOf(attempt: Attempt): string {
  return plainJson(attempt.target);
}

function tenths(ms: number | null): string {
  return ms === null ? 'null' : jsonNumber(Math.round(ms * 10) / 10);
}

function total(tokens: number | null): string {
  return tokens === null ? 'null' : jsonNumber(tokens);
}
