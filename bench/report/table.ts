import { figure, verdict, type Goal, type Verdict } from '../budget.ts';
import { BEFORE, VARIANTS, type VariantName } from '../options.ts';
import type { Samples } from '../samples.ts';
import { ROWS, type Row } from './rows.ts';

/** The report as rows of text cells; the first is the header. */
export function tableOf(samples: Samples, budget: readonly Goal[]): readonly (readonly string[])[] {
  const variants: readonly VariantName[] = samples.has(BEFORE) ? [...VARIANTS, BEFORE] : VARIANTS;
  const header = [
    '',
    ...variants.map((name) => NAMES[name]),
    'of nginx',
    'x Portkey',
    'goal: must (reach)',
    '',
  ];
  const rows = ROWS.filter(({ measure }) => VARIANTS.some((name) => samples.of(measure, name) !== null));
  return [header, ...rows.map((row) => cells({ samples, budget, variants }, row))];
}

const NAMES: Readonly<Record<VariantName, string>> = {
  nginx: 'nginx',
  gateway: 'Bellwether',
  portkey: 'Portkey',
  before: 'before',
};

interface Measured {
  readonly samples: Samples;
  readonly budget: readonly Goal[];
  /** In the order of their columns. */
  readonly variants: readonly VariantName[];
}

function cells({ samples, budget, variants }: Measured, row: Row): readonly string[] {
  const goals = budget.filter((goal) => goal.measure === row.measure);
  return [
    row.title,
    ...variants.map((name) => value(samples, row, name)),
    ...ratios(samples, row),
    goals.map((goal) => goalText(goal, row)).join('; '),
    goals.map((goal) => VERDICTS[verdict(samples, goal)]).join('; '),
  ];
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  reached: 'reached',
  met: 'met',
  missed: 'MISSED',
  'not measured': '-',
};

function value(samples: Samples, { measure, digits, unit }: Row, name: VariantName): string {
  const summary = samples.of(measure, name);
  if (summary === null) return '-';
  const text = (number: number): string => thousands(number, digits);
  const range = summary.count > 1 ? ` (${text(summary.min)}-${text(summary.max)})` : '';
  return `${text(summary.median)}${range} ${unit}`;
}

function ratios(samples: Samples, { measure, compare }: Row): readonly [string, string] {
  if (compare === 'none') return ['', ''];
  if (compare === 'same-wire') {
    const share = figure(samples, measure, 'share-of-same-wire');
    return [share === null ? '' : `${share.toFixed(0)} % of same wire`, ''];
  }
  const share = figure(samples, measure, 'share-of-nginx');
  const times = figure(samples, measure, 'times-portkey');
  return [
    share === null ? '-' : share > 400 ? `${(share / 100).toFixed(1)} x` : `${share.toFixed(0)} %`,
    times === null ? '-' : `${times.toFixed(times < 10 ? 2 : 1)} x`,
  ];
}

function goalText({ better, must, reach, figure: name }: Goal, { unit }: Row): string {
  const sign = better === 'higher' ? '>=' : '<=';
  const goalUnit = name === 'own' ? unit : name === 'times-portkey' ? 'x Portkey' : '%';
  return `${sign} ${must} (${reach}) ${goalUnit}`;
}

function thousands(number: number, digits: number): string {
  return number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The table for a terminal: columns padded to their widest cell. */
export function terminalTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/** The table for a Markdown file. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [header = [], ...rest] = rows;
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(header),
    line(header.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...rest.map(line),
  ].join('\n');
}
