import type { Finish } from '../../spec/generate.ts';
import { UNKNOWN_USAGE, type Usage } from '../../spec/usage.ts';
import {
  attemptsFromJson,
  attemptsToJson,
  errorKindFrom,
  finishReasonFrom,
  warningsFromJson,
} from '../attempt-json.ts';
import type { RequestLogRow } from '../store.ts';
import {
  bigintOrNull,
  flagOf,
  jsonOf,
  numberOf,
  numberOrNull,
  textOf,
  textOrNull,
  textsOf,
  wholeMs,
} from './columns.ts';
import { sql, type SqlQuery, type SqlRow } from './sql.ts';

/** Writes one row, unless its request id is there already. */
export function insertRequest(row: RequestLogRow): SqlQuery {
  const usage = row.usage ?? UNKNOWN_USAGE;
  const { kind, message } = row.error ?? NO_ERROR;
  const { reason, stopSequence, raw } = row.finish ?? NO_FINISH;
  return sql`INSERT INTO request_log (
      request_id, started_at_ms, duration_ms, overhead_ms, first_token_ms, protocol, operation, model, model_known,
      key_id, tags, stream, status, error_kind, error_message, target, route_reason,
      finish_reason, finish_stop_sequence, finish_raw,
      usage_source, input, input_audio, cache_read, cache_write_5m, cache_write_1h,
      output, output_audio, reasoning, web_searches,
      cost_nanodollars, attempt_count, attempts, warnings, request_bytes, answer_bytes
    ) VALUES (
      ${row.requestId}, ${wholeMs(row.startedAtMs)}, ${row.durationMs}, ${row.overheadMs}, ${row.firstTokenMs},
      ${row.protocol}, ${row.operation}, ${row.model}, ${row.modelKnown},
      ${row.keyId}, ${jsonList(row.tags)}, ${row.stream}, ${row.status},
      ${kind}, ${message}, ${row.target}, ${row.routeReason},
      ${reason}, ${stopSequence ?? null}, ${raw ?? null},
      ${row.usage === null ? null : usage.source}, ${count(usage.input)}, ${count(usage.inputAudio)}, ${count(usage.cacheRead)},
      ${count(usage.cacheWrite5m)}, ${count(usage.cacheWrite1h)},
      ${count(usage.output)}, ${count(usage.outputAudio)}, ${count(usage.reasoning)}, ${count(usage.webSearches)},
      ${row.costNanodollars}, ${row.attempts.length}, ${attemptsToJson(row.attempts)}, ${jsonList(row.warnings)},
      ${row.requestBytes}, ${row.answerBytes}
    ) ON CONFLICT (request_id) DO NOTHING`;
}

/** Reads one row. */
export function readRequest(row: SqlRow): RequestLogRow {
  return {
    requestId: textOf(row, 'request_id'),
    startedAtMs: numberOf(row, 'started_at_ms'),
    durationMs: numberOf(row, 'duration_ms'),
    overheadMs: numberOf(row, 'overhead_ms'),
    firstTokenMs: numberOrNull(row, 'first_token_ms'),
    protocol: textOf(row, 'protocol'),
    operation: textOf(row, 'operation'),
    model: textOrNull(row, 'model'),
    modelKnown: flagOf(row, 'model_known'),
    keyId: textOrNull(row, 'key_id'),
    tags: textsOf(row, 'tags'),
    stream: flagOf(row, 'stream'),
    status: numberOf(row, 'status'),
    error: readError(row),
    attempts: attemptsFromJson(jsonOf(row, 'attempts')),
    target: textOrNull(row, 'target'),
    routeReason: textOrNull(row, 'route_reason'),
    finish: readFinish(row),
    usage: readUsage(row),
    costNanodollars: bigintOrNull(row, 'cost_nanodollars'),
    warnings: warningsFromJson(jsonOf(row, 'warnings')),
    requestBytes: numberOf(row, 'request_bytes'),
    answerBytes: numberOf(row, 'answer_bytes'),
  };
}

const NO_ERROR = { kind: null, message: null };
const NO_FINISH = { reason: null, stopSequence: null, raw: null };

function readError(row: SqlRow): RequestLogRow['error'] {
  const kind = textOrNull(row, 'error_kind');
  if (kind === null) return null;
  return { kind: errorKindFrom(kind), message: textOrNull(row, 'error_message') ?? '' };
}

function readFinish(row: SqlRow): Finish | null {
  const reason = textOrNull(row, 'finish_reason');
  if (reason === null) return null;
  const stopSequence = textOrNull(row, 'finish_stop_sequence');
  const raw = textOrNull(row, 'finish_raw');
  return {
    reason: finishReasonFrom(reason),
    ...(stopSequence === null ? {} : { stopSequence }),
    ...(raw === null ? {} : { raw }),
  };
}

function readUsage(row: SqlRow): Usage | null {
  const source = textOrNull(row, 'usage_source');
  if (source === null) return null;
  return {
    input: numberOrNull(row, 'input'),
    inputAudio: numberOrNull(row, 'input_audio'),
    cacheRead: numberOrNull(row, 'cache_read'),
    cacheWrite5m: numberOrNull(row, 'cache_write_5m'),
    cacheWrite1h: numberOrNull(row, 'cache_write_1h'),
    output: numberOrNull(row, 'output'),
    outputAudio: numberOrNull(row, 'output_audio'),
    reasoning: numberOrNull(row, 'reasoning'),
    webSearches: numberOrNull(row, 'web_searches'),
    source: source === 'estimated' ? 'estimated' : 'reported',
  };
}

// An estimate may have a fraction; the columns are integers.
function count(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

// Most lists are empty, and this runs for every request.
function jsonList(items: readonly unknown[]): string {
  return items.length === 0 ? '[]' : JSON.stringify(items);
}
