import { asNumber, field, parseJson } from '../../base/json.ts';
import { diceFrom } from '../../simulator/answer/dice.ts';
import { readCsv } from './csv.ts';
import { arrivalsOfRates } from './rates.ts';
import type { TraceRow } from './trace-row.ts';

export type { TraceRow } from './trace-row.ts';

/**
 * Reads a trace of arrivals and token counts: a table with `t_ms` or `t_s`, JSON lines with `timestamp`, or
 * a table of rates with `rate_rps`, from which arrivals are drawn. Throws an `Error`
 * with file and line for what cannot be read, and where there are fewer than two requests.
 */
export function readTrace(file: string, text: string): readonly TraceRow[] {
  const rows = text.startsWith('{') ? fromLines(file, text) : fromTable(file, text);
  if (rows.length < 2) throw new Error(`${file}: a trace needs two requests or more`);
  return rows.toSorted((a, b) => a.atMs - b.atMs);
}

/** A workload for where there is no trace: a request a second at times that know nothing of one another, answers of 10 to 250 tokens. */
export function ordinaryTrace(seed: number): readonly TraceRow[] {
  const dice = diceFrom(`${seed}/trace`);
  let atMs = 0;
  return Array.from({ length: ORDINARY_REQUESTS }, () => {
    atMs += -Math.log(1 - dice.next()) * 1000;
    return { atMs, inputTokens: 50 + dice.below(950), outputTokens: 10 + dice.below(240) };
  });
}

const ORDINARY_REQUESTS = 2_000;

function fromTable(file: string, text: string): readonly TraceRow[] {
  const table = readCsv(file, text);
  if (table.columns.includes('rate_rps')) return arrivalsOfRates(file, table);
  const { columns, rows } = table;
  const time = columns.includes('t_ms') ? 't_ms' : 't_s';
  const unitMs = time === 't_ms' ? 1 : 1000;
  return rows.map((row) => {
    const whole = (column: string): number => {
      const value = Number(row.cell(column));
      if (row.cell(column) === '' || !Number.isFinite(value) || value < 0)
        throw row.wrong(`${column} must be a number from 0, not "${row.cell(column)}"`);
      return value;
    };
    return {
      atMs: whole(time) * unitMs,
      inputTokens: whole('input_tokens'),
      outputTokens: whole('output_tokens'),
    };
  });
}

function fromLines(file: string, text: string): readonly TraceRow[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = parseJson(line);
    const number = (name: string): number => {
      const value = parsed.type === 'ok' ? asNumber(field(parsed.value, name)) : undefined;
      if (value === undefined || value < 0)
        throw new Error(`${file}, line ${index + 1}: ${name} must be a number from 0`);
      return value;
    };
    return [
      {
        atMs: number('timestamp'),
        inputTokens: number('input_length'),
        outputTokens: number('output_length'),
      },
    ];
  });
}
