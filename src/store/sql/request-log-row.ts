import { jsonNumber, jsonText } from '../../base/json-text.ts';
import { asBoolean, asNumber, asString, field, type Json } from '../../base/json.ts';
import { inputTotal, outputTotal } from '../../spec/usage.ts';
import {
  attemptsFromJson,
  attemptsToJson,
  errorKindFrom,
  finishFromJson,
  finishToJson,
  usageFromJson,
  usageToJson,
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
  textsIn,
  wholeMs,
} from './columns.ts';
import { sql, type SqlBatch, type SqlRow, type SqlValue } from './sql.ts';

/**
 * Rows that share a start within a millisecond are told apart in the lowest 20 bits of their sequence; the rest of it is the
 * start, so that the order of the table is the order of every list.
 */
export const SEQUENCES_PER_MS = 1_048_576;

const START = null; // The values below stand in the order of these marks.
const COLUMN = null;
const INSERT = sql`INSERT INTO request_log (
    sequence,
    request_id, key_id, model, target, stream, status, attempt_count, duration_ms, overhead_ms, first_token_ms,
    input_tokens, output_tokens, cost_nanodollars, error_kind, detail
  ) VALUES (
    (SELECT coalesce(max(sequence) + 1, ${START} * 1048576) FROM request_log
      WHERE sequence >= ${START} * 1048576 AND sequence < (${START} + 1) * 1048576),
    ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN},
    ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}, ${COLUMN}
  ) ON CONFLICT (request_id) DO NOTHING`;

/** Writes rows, without those whose request id is there already. */
export function insertRequests(rows: readonly RequestLogRow[]): SqlBatch {
  const values: SqlValue[] = [];
  for (const row of rows) pushRow(values, row);
  return { strings: INSERT.strings, width: INSERT.values.length, values };
}

function pushRow(values: SqlValue[], row: RequestLogRow): void {
  const startedAtMs = wholeMs(row.startedAtMs);
  const { usage } = row;
  values.push(
    startedAtMs,
    startedAtMs,
    startedAtMs,
    row.requestId,
    row.keyId,
    row.model,
    row.target,
    row.stream ? 1 : 0,
    row.status,
    row.attempts.length,
    row.durationMs,
    row.overheadMs,
    row.firstTokenMs,
    usage === null ? null : count(inputTotal(usage)),
    usage === null ? null : count(outputTotal(usage)),
    row.costNanodollars,
    row.error === null ? null : row.error.kind,
    detailOf(row),
  );
}

/** Reads one row. */
export function readRequest(row: SqlRow): RequestLogRow {
  const detail = jsonOf(row, 'detail');
  const usage = usageFromJson(field(detail, 'usage'));
  return {
    requestId: textOf(row, 'request_id'),
    startedAtMs: numberOf(row, 'started_at_ms'),
    durationMs: numberOf(row, 'duration_ms'),
    overheadMs: numberOf(row, 'overhead_ms'),
    firstTokenMs: numberOrNull(row, 'first_token_ms'),
    protocol: asString(field(detail, 'protocol')) ?? '',
    operation: asString(field(detail, 'operation')) ?? '',
    model: textOrNull(row, 'model'),
    modelKnown: asBoolean(field(detail, 'modelKnown')) ?? true,
    keyId: textOrNull(row, 'key_id'),
    tags: textsIn(field(detail, 'tags')),
    stream: flagOf(row, 'stream'),
    status: numberOf(row, 'status'),
    error: readError(row, detail),
    attempts: attemptsFromJson(field(detail, 'attempts'), usage),
    target: textOrNull(row, 'target'),
    routeReason: asString(field(detail, 'routeReason')) ?? null,
    finish: finishFromJson(field(detail, 'finish')),
    usage,
    costNanodollars: bigintOrNull(row, 'cost_nanodollars'),
    warnings: warningsFromJson(field(detail, 'warnings')),
    requestBytes: asNumber(field(detail, 'requestBytes')) ?? 0,
    answerBytes: asNumber(field(detail, 'answerBytes')) ?? 0,
  };
}

function readError(row: SqlRow, detail: Json): RequestLogRow['error'] {
  const kind = textOrNull(row, 'error_kind');
  if (kind === null) return null;
  return { kind: errorKindFrom(kind), message: asString(field(detail, 'error')) ?? '' };
}

// What nothing filters or sums by, as JSON; what most requests do not have is left out.
function detailOf(row: RequestLogRow): string {
  const { routeReason, finish, usage, error, tags, warnings } = row;
  let text = `{"protocol":${jsonText(row.protocol)},"operation":${jsonText(row.operation)}`;
  if (!row.modelKnown) text += ',"modelKnown":false';
  if (tags.length > 0) text += `,"tags":${JSON.stringify(tags)}`;
  if (error !== null) text += `,"error":${jsonText(error.message)}`;
  if (routeReason !== null) text += `,"routeReason":${jsonText(routeReason)}`;
  if (finish !== null) text += `,"finish":${finishToJson(finish)}`;
  if (usage !== null) text += `,"usage":${usageToJson(usage)}`;
  if (warnings.length > 0) text += `,"warnings":${JSON.stringify(warnings)}`;
  text += `,"requestBytes":${jsonNumber(row.requestBytes)},"answerBytes":${jsonNumber(row.answerBytes)}`;
  return `${text},"attempts":${attemptsToJson(row.attempts, usage)}}`;
}

// An estimate may have a fraction; the columns are integers.
function count(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
