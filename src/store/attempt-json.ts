import { asArray, asBoolean, asNumber, asString, field, isObject, type Json } from '../base/json.ts';
import { jsonNumber, jsonText } from '../base/json-text.ts';
import { ATTEMPT_PURPOSES, RESUME_METHODS, type Attempt, type AttemptOutcome } from '../spec/attempt.ts';
import { ERROR_KINDS, type ErrorKind } from '../spec/error.ts';
import { FINISH_REASONS, type Finish, type Warning, type WarningCode } from '../spec/generate.ts';
import { UNKNOWN_USAGE, USAGE_CLASSES, type Usage, type UsageClass } from '../spec/usage.ts';

/**
 * Attempts as JSON. Written by hand, because every request is: what is unknown, or follows from the rest, is left out.
 * `requestUsage` is that of the whole request, to which the one attempt of most requests only refers.
 */
export function attemptsToJson(attempts: readonly Attempt[], requestUsage: Usage | null): string {
  let text = '[';
  for (const attempt of attempts) text += `${text === '[' ? '' : ','}${attemptToJson(attempt, requestUsage)}`;
  return `${text}]`;
}

/**
 * Attempts of a stored row. Reading is lenient, because rows outlive versions: a missing field is unknown, and a word that
 * this version does not know becomes the most general one.
 */
export function attemptsFromJson(json: Json | undefined, requestUsage: Usage | null): readonly Attempt[] {
  return asArray(json).map((attempt) => attemptFromJson(attempt, requestUsage));
}

/** Warnings of a stored row. */
export function warningsFromJson(json: Json | undefined): readonly Warning[] {
  return asArray(json).map((warning) => ({
    code: oneOf(WARNING_CODES, field(warning, 'code'), 'dropped'),
    field: asString(field(warning, 'field')) ?? '',
    message: asString(field(warning, 'message')) ?? '',
  }));
}

/** A stored kind of error; `internal` where this version does not know it. */
export function errorKindFrom(text: string | undefined): ErrorKind {
  return text !== undefined && isErrorKind(text) ? text : 'internal';
}

/** The end of an answer as JSON. */
export function finishToJson({ reason, stopSequence, raw }: Finish): string {
  const sequence = stopSequence === undefined ? '' : `,"stopSequence":${jsonText(stopSequence)}`;
  return `{"reason":"${reason}"${sequence}${raw === undefined ? '' : `,"raw":${jsonText(raw)}`}}`;
}

/** The end of a stored answer; `stop` where this version does not know the reason. */
export function finishFromJson(json: Json | undefined): Finish | null {
  if (!isObject(json)) return null;
  const stopSequence = asString(json['stopSequence']);
  const raw = asString(json['raw']);
  return {
    reason: oneOf(FINISH_REASONS, json['reason'], 'stop'),
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** Usage as JSON: the classes that are known. */
export function usageToJson(usage: Usage): string {
  let text = `{"source":"${usage.source}"`;
  for (const name of USAGE_CLASSES) {
    const count = usage[name];
    if (count !== null) text += `,"${name}":${jsonNumber(count)}`;
  }
  return `${text}}`;
}

/** Usage of a stored row. */
export function usageFromJson(json: Json | undefined): Usage | null {
  if (!isObject(json)) return null;
  const counts: { -readonly [name in UsageClass]?: number | null } = {};
  for (const name of USAGE_CLASSES) counts[name] = asNumber(json[name]) ?? null;
  return {
    ...UNKNOWN_USAGE,
    ...counts,
    source: json['source'] === 'estimated' ? 'estimated' : 'reported',
  };
}

/** An amount that is kept as text, because a JSON number loses digits of what a 64-bit integer can hold. */
export function bigintFrom(text: string | null): bigint | null {
  return text !== null && /^-?\d+$/.test(text) ? BigInt(text) : null;
}

/** Stands for the usage of an attempt that is the usage of its request. */
const OF_REQUEST = 'of-request';

function attemptToJson(attempt: Attempt, requestUsage: Usage | null): string {
  const { headMs, firstTokenMs, usage, costNanodollars, upstreamRequestId, warnings } = attempt;
  let text = `{"number":${attempt.number},"target":${jsonText(attempt.target)}`;
  // Most targets are called what they consist of.
  if (!isPair(attempt)) {
    text += `,"provider":${jsonText(attempt.provider)},"model":${jsonText(attempt.model)}`;
  }
  text += `,"keyIndex":${attempt.keyIndex},"startedAtMs":${jsonNumber(attempt.startedAtMs)}`;
  // The first call of a request is what most are.
  if (attempt.purpose !== 'first') text += `,"purpose":"${attempt.purpose}"`;
  if (attempt.resume !== null) text += `,"resume":"${attempt.resume}"`;
  if (headMs !== null) text += `,"headMs":${jsonNumber(headMs)}`;
  if (firstTokenMs !== null) text += `,"firstTokenMs":${jsonNumber(firstTokenMs)}`;
  text += `,"durationMs":${jsonNumber(attempt.durationMs)},"outcome":${outcomeToJson(attempt.outcome)}`;
  if (usage !== null) text += `,"usage":${usage === requestUsage ? `"${OF_REQUEST}"` : usageToJson(usage)}`;
  if (costNanodollars !== null) text += `,"costNanodollars":"${costNanodollars}"`;
  if (upstreamRequestId !== null) text += `,"upstreamRequestId":${jsonText(upstreamRequestId)}`;
  if (warnings.length > 0) text += `,"warnings":${JSON.stringify(warnings)}`;
  return `${text}}`;
}

function isPair({ target, provider, model }: Attempt): boolean {
  return (
    target.length === provider.length + 1 + model.length &&
    target.indexOf('/') === provider.length &&
    target.startsWith(provider) &&
    target.endsWith(model)
  );
}

function outcomeToJson(outcome: AttemptOutcome): string {
  if (outcome.type === 'failed') return JSON.stringify(outcome);
  return `{"type":"answered"${outcome.finish === null ? '' : `,"finish":${finishToJson(outcome.finish)}`}}`;
}

const WARNING_CODES: readonly WarningCode[] = ['dropped', 'clamped', 'emulated', 'repaired'];

function attemptFromJson(json: Json, requestUsage: Usage | null): Attempt {
  const number = (name: string) => asNumber(field(json, name)) ?? null;
  const text = (name: string) => asString(field(json, name)) ?? null;
  const target = text('target') ?? '';
  const usage = field(json, 'usage');
  return {
    number: number('number') ?? 0,
    target,
    provider: text('provider') ?? target.slice(0, Math.max(0, target.indexOf('/'))),
    model: text('model') ?? target.slice(target.indexOf('/') + 1),
    keyIndex: number('keyIndex') ?? 0,
    purpose: oneOf(ATTEMPT_PURPOSES, field(json, 'purpose'), 'first'),
    resume: oneOfOrNull(RESUME_METHODS, field(json, 'resume')),
    startedAtMs: number('startedAtMs') ?? 0,
    headMs: number('headMs'),
    firstTokenMs: number('firstTokenMs'),
    durationMs: number('durationMs') ?? 0,
    outcome: outcomeFromJson(field(json, 'outcome')),
    usage: usage === OF_REQUEST ? requestUsage : usageFromJson(usage),
    costNanodollars: bigintFrom(text('costNanodollars')),
    upstreamRequestId: text('upstreamRequestId'),
    warnings: warningsFromJson(field(json, 'warnings')),
  };
}

function outcomeFromJson(json: Json | undefined): AttemptOutcome {
  if (field(json, 'type') === 'answered') {
    return { type: 'answered', finish: finishFromJson(field(json, 'finish')) };
  }
  return {
    type: 'failed',
    kind: errorKindFrom(asString(field(json, 'kind'))),
    message: asString(field(json, 'message')) ?? '',
    status: asNumber(field(json, 'status')) ?? null,
    retryAfterMs: asNumber(field(json, 'retryAfterMs')) ?? null,
    committed: asBoolean(field(json, 'committed')) ?? false,
  };
}

function isErrorKind(text: string): text is ErrorKind {
  return Object.hasOwn(ERROR_KINDS, text);
}

function oneOfOrNull<Word extends string>(words: readonly Word[], value: Json | undefined): Word | null {
  return words.find((word) => word === value) ?? null;
}

function oneOf<Word extends string>(
  words: readonly Word[],
  value: Json | undefined,
  fallback: NoInfer<Word>,
): Word {
  return words.find((word) => word === value) ?? fallback;
}
