import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { verdict, type Goal } from '../budget.ts';
import type { Options } from '../options.ts';
import { profileRows } from '../profile/print-profile.ts';
import type { Profile } from '../profile/read-profile.ts';
import type { Samples } from '../samples.ts';
import { machineLine } from './machine.ts';
import { markedSections } from './sections.ts';
import { markdownTable, tableOf } from './table.ts';

const FOLDER = path.join(import.meta.dirname, '..');
const RESULTS = path.join(FOLDER, 'RESULTS.md');
/** What people know about the figures: what was tried, and what is left. Written by hand, quoted in the results. */
const REMARKS = path.join(FOLDER, 'REMARKS.md');
const PROFILE_ROWS = 15;

/** Everything that one run found out. */
export interface Findings {
  readonly options: Options;
  readonly samples: Samples;
  readonly budget: readonly Goal[];
  /** Names and versions of what was measured. */
  readonly titles: readonly string[];
  readonly profiles: readonly { readonly load: string; readonly profile: Profile }[];
  readonly minutes: number;
}

/** Writes bench/RESULTS.md; sections that other programs wrote into it stay. */
export function writeResults(findings: Findings): void {
  const others = existsSync(RESULTS) ? markedSections(readFileSync(RESULTS, 'utf8')) : [];
  writeFileSync(RESULTS, `${[...sections(findings), ...others].join('\n\n')}\n`);
}

function sections({ options, samples, budget, titles, profiles, minutes }: Findings): readonly string[] {
  return [
    '# Results of `npm run bench`',
    `Written by the benchmark itself (${options.mode} run, ${minutes.toFixed(0)} minutes, ${today()}); see README.md for how to read it.`,
    [`- Machine: ${machineLine()}`, `- Measured: ${titles.join('; ')}`, ...METHOD].join('\n'),
    '## Figures',
    markdownTable(tableOf(samples, budget)),
    ...remarksOnRun(samples),
    '## Goals',
    goalLines(samples, budget).join('\n'),
    ...profiles.flatMap(({ load, profile }) => [
      `## Where the time goes: ${load}`,
      markdownTable([['function', 'place', 'self'], ...profileRows(profile, PROFILE_ROWS)]),
    ]),
    ...(existsSync(REMARKS) ? [readFileSync(REMARKS, 'utf8').trim()] : []),
  ];
}

const METHOD = [
  '- Method: everything in one run on one machine; program under test on CPU 1, fake provider and load on CPU 0, loopback, no',
  '  TLS. Rounds in alternating order; figures are medians (ranges). CPU time is that of all threads of the program.',
  '- Gateway with everything on: virtual key, priced models, metrics, request log in SQLite on disk, access log to a file.',
];

function remarksOnRun(samples: Samples): readonly string[] {
  return samples.notes.length === 0 ? [] : [samples.notes.map((note) => `- ${note}`).join('\n')];
}

function goalLines(samples: Samples, budget: readonly Goal[]): readonly string[] {
  const by = (wanted: string): number => budget.filter((goal) => verdict(samples, goal) === wanted).length;
  const missed = budget.filter((goal) => verdict(samples, goal) === 'missed');
  return [
    `${by('reached')} of ${budget.length} goals reached in full, ${by('met')} met, ${missed.length} missed, ` +
      `${by('not measured')} not measured.`,
    ...missed.map(
      (goal) => `- missed: ${goal.measure} (${goal.figure}), must ${goal.must}, reach ${goal.reach}`,
    ),
  ];
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
