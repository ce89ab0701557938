import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { percent, points, type ReplayReport } from '../../src/drill/replay/index.ts';
import { sectionOf, withSection } from '../report/sections.ts';
import { markdownTable } from '../report/table.ts';
import type { Options } from './options.ts';

const RESULTS = path.join(import.meta.dirname, '..', 'RESULTS.md');
const SECTION = 'incident-replay';

/** What a run is known by: a run of the same replaces its line. */
const KEY_COLUMNS = 4;
const HEADER = [
  'providers, in order',
  'period, mode',
  'trace, seed',
  'brownouts, deadline',
  'each alone',
  'ideal router',
  'this gateway (95 %)',
  'gap, points (95 %)',
  'unseen at most',
  'calls a request: outside, inside, all down',
  'cost',
  'added p99 inside',
  'doubled, missing text',
  'requests, minutes',
] as const;

/** Puts the figures of a run into the section of bench/RESULTS.md, in the place of an earlier run of the same. */
export function writeRow(report: ReplayReport, options: Options): void {
  const text = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '';
  const row = cells(report, options);
  const others = rowsOf(sectionOf(text, SECTION) ?? '').filter((each) => keyOf(each) !== keyOf(row));
  const rows = [...others, row].toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
  writeFileSync(
    RESULTS,
    withSection(text, SECTION, `${INTRODUCTION}\n\n${markdownTable([HEADER, ...rows])}`),
  );
}

const INTRODUCTION = `## Incidents replayed

Written by \`npm run bench:incidents\`, a line for each run; [README.md](README.md#incidents-replayed) says how the figures come
about.`;

function keyOf(row: readonly string[]): string {
  return row.slice(0, KEY_COLUMNS).join(' | ');
}

// The lines of the table that stands there, without its head.
function rowsOf(section: string): readonly (readonly string[])[] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '))
    .slice(2)
    .filter((row) => row.length === HEADER.length);
}

function cells(report: ReplayReport, options: Options): readonly string[] {
  const { availability, gap, callsPerRequest, addedMs, strata } = report;
  const minutes = strata.reduce((sum, { sampled }) => sum + sampled, 0);
  const calls = [callsPerRequest.outside, callsPerRequest.inside, callsPerRequest.down];
  return [
    report.services.join(', '),
    `${options.period}, ${report.mode}`,
    `${options.trace}, ${report.seed}`,
    `${report.brownoutsPerMonth}, ${report.deadlineMs / 1000} s`,
    report.singles.map((each) => percent(each.availability)).join(', '),
    percent(report.ceiling),
    `${percent(availability.value)} (${percent(availability.low)} to ${percent(availability.high)})`,
    `${points(gap.value)} (${points(gap.low)} to ${points(gap.high)})`,
    points(report.unseenAtMost),
    calls.map((value) => (value === null ? '-' : value.toFixed(3))).join(', '),
    report.costRatio === null ? '-' : `${report.costRatio.toFixed(3)} x`,
    addedMs.insideP99 === null ? '-' : `${addedMs.insideP99.toFixed(0)} ms`,
    `${report.duplicates}, ${report.gaps}`,
    `${report.requests}, ${minutes}`,
  ];
}
