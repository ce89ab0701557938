import { asArray, asBoolean, asNumber, asString, field, isObject, type Json } from '../base/json.ts';
import type { Attempt, AttemptOutcome } from '../spec/attempt.ts';
import { ERROR_KINDS, type ErrorKind } from '../spec/error.ts';
import {
  FINISH_REASONS,
  type Finish,
  type FinishReason,
  type Warning,
  type WarningCode,
} from '../spec/generate.ts';
import { UNKNOWN_USAGE, USAGE_CLASSES, type Usage, type UsageClass } from '../spec/usage.ts';

/**
 * Attempts and warnings as JSON and back. Reading is lenient, because rows outlive versions: a missing field is unknown,
 * and a word that this version does not know becomes the most general one.
 */
export function attemptsToJson(attempts: readonly Attempt[]): string {
  return JSON.stringify(
    attempts.map((attempt) => ({
      ...attempt,
      // Text, because a JSON number loses digits of what a 64-bit integer can hold.
      costNanodollars: attempt.costNanodollars === null ? null : attempt.costNanodollars.toString(),
    })),
  );
}

/** Attempts of a stored row. */
export function attemptsFromJson(json: Json): readonly Attempt[] {
  return asArray(json).map(attemptFromJson);
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

/** A stored reason of a finish; `stop` where this version does not know it. */
export function finishReasonFrom(value: Json | undefined): FinishReason {
  return oneOf(FINISH_REASONS, value, 'stop');
}

const WARNING_CODES: readonly WarningCode[] = ['dropped', 'clamped', 'emulated', 'repaired'];

function attemptFromJson(json: Json): Attempt {
  const number = (name: string) => asNumber(field(json, name)) ?? null;
  const text = (name: string) => asString(field(json, name)) ?? null;
  return {
    number: number('number') ?? 0,
    target: text('target') ?? '',
    provider: text('provider') ?? '',
    model: text('model') ?? '',
    keyIndex: number('keyIndex') ?? 0,
    startedAtMs: number('startedAtMs') ?? 0,
    headMs: number('headMs'),
    firstTokenMs: number('firstTokenMs'),
    durationMs: number('durationMs') ?? 0,
    outcome: outcomeFromJson(field(json, 'outcome')),
    usage: usageFromJson(field(json, 'usage')),
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

function finishFromJson(json: Json | undefined): Finish | null {
  if (!isObject(json)) return null;
  const stopSequence = asString(json['stopSequence']);
  const raw = asString(json['raw']);
  return {
    reason: finishReasonFrom(json['reason']),
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(raw === undefined ? {} : { raw }),
  };
}

function usageFromJson(json: Json | undefined): Usage | null {
  if (!isObject(json)) return null;
  const counts: { -readonly [name in UsageClass]?: number | null } = {};
  for (const name of USAGE_CLASSES) counts[name] = asNumber(json[name]) ?? null;
  return {
    ...UNKNOWN_USAGE,
    ...counts,
    source: json['source'] === 'estimated' ? 'estimated' : 'reported',
  };
}

function bigintFrom(text: string | null): bigint | null {
  return text !== null && /^-?\d+$/.test(text) ? BigInt(text) : null;
}

function isErrorKind(text: string): text is ErrorKind {
  return Object.hasOwn(ERROR_KINDS, text);
}

function oneOf<Word extends string>(
  words: readonly Word[],
  value: Json | undefined,
  fallback: NoInfer<Word>,
): Word {
  return words.find((word) => word === value) ?? fallback;
}
