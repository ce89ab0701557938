import { readFile } from 'node:fs/promises';
import { didYouMean } from '../../base/nearest.ts';
import { timeSpanText } from '../../base/time-span.ts';
import type { ScenarioCheck, ScenarioProgress, ScenarioReport } from '../../compose/drill-tools.ts';
import { CommandError, EXIT } from '../exit.ts';
import { duration } from '../format/amount.ts';
import { table, wrapped } from '../format/table.ts';
import { harmless, paint, print, printJson } from '../terminal.ts';
import { LiveLine } from './live-line.ts';
import { wholeNumber } from './whole-number.ts';
import type { DrillOptions } from './options.ts';

/** Runs a scenario on virtual time in this process, and tells what callers saw. Exits with 1 if an expectation failed. */
export async function drillScenario(options: DrillOptions): Promise<void> {
  const { loadScenario, runScenario, SCENARIOS } = await import('../../compose/drill-tools.ts');
  const name = options.scenario ?? '';
  const text = SCENARIOS[name] ?? (await textOf(name, Object.keys(SCENARIOS)));
  if (options.print) {
    process.stdout.write(text);
    return;
  }
  const scenario = loadScenario(name, text);
  const seed = wholeNumber(options.seed, '--seed') ?? scenario.file.seed;
  const line = new LiveLine();
  const startedMs = performance.now();
  const run = runScenario({ ...scenario, file: { ...scenario.file, seed } }, (progress) => {
    line.show(progressText(progress));
  });
  const report = await run.finally(() => line.clear());
  if (options.json) printJson(report);
  else print(scenarioText(report, performance.now() - startedMs));
  if (!report.ok) process.exitCode = EXIT.failure;
}

/** Lists the scenarios that come along. */
export async function listScenarios({ json }: DrillOptions): Promise<void> {
  const { loadScenario, SCENARIOS } = await import('../../compose/drill-tools.ts');
  const scenarios = Object.entries(SCENARIOS).map(([name, text]) => {
    const { about, load, steps } = loadScenario(name, text).file;
    return { name, about, virtual_seconds: load.for / 1000, steps: steps.length };
  });
  if (json) printJson({ scenarios });
  else
    print(scenarios.map(({ name, about }) => `${paint('bold', name)}\n${wrapped(about, '  ')}`).join('\n\n'));
}

async function textOf(file: string, names: readonly string[]): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = didYouMean(file, names) || `; those that come along are ${names.join(', ')}`;
    throw new CommandError(
      'usage',
      `There is no scenario "${file}"${hint}. It is no file either: ${reason}.`,
    );
  }
}

function progressText({ atMs, ofMs, requests, lost }: ScenarioProgress): string {
  return `${timeSpanText(atMs)} of ${timeSpanText(ofMs)}, ${requests} requests, ${lost} lost`;
}

function scenarioText(report: ScenarioReport, realMs: number): string {
  const { requests, answered, failed, wrong, addedMs, drills, checks, ok } = report;
  const lost = failed + wrong;
  return [
    `${paint('bold', report.name)} (seed ${report.seed}): ${timeSpanText(report.virtualMs)} on virtual time in ${duration(realMs)}`,
    '',
    table([
      ['Requests', String(requests)],
      ['  answered whole and right', String(answered)],
      ['  failed', String(failed)],
      ['  wrong but told as right', String(wrong)],
      ['Calls for each request', report.callsPerRequest.toFixed(3)],
      ['Streams resumed', String(report.resumed)],
      [
        'Added latency',
        addedMs === null ? '–' : `p99 ${duration(addedMs.p99)}, at most ${duration(addedMs.max)}`,
      ],
    ]),
    '',
    table([
      ['STEP', 'PROVIDER', 'FAULT', 'FOR', 'MET', 'FAILED OVER', 'RESUMED', 'LOST', 'CIRCUIT CHANGES'].map(
        (title) => paint('dim', title),
      ),
      ...drills.map(({ provider, fault, share, startedAtMs, endedAtMs, report: each }, index) => [
        String(index + 1),
        harmless(provider),
        share >= 1 ? fault : `${fault} (${Math.round(share * 100)} %)`,
        timeSpanText((endedAtMs ?? startedAtMs) - startedAtMs),
        String(each.met),
        String(each.failedOver),
        String(each.resumed),
        String(each.lost),
        String(each.circuitChanges),
      ]),
    ]),
    '',
    table(checks.map(checkRow)),
    '',
    ok
      ? paint(
          'green',
          `As expected: ${lost === 0 ? 'nobody noticed more than a little time' : `${lost} lost`}.`,
        )
      : paint('red', 'Not as expected.'),
  ].join('\n');
}

function checkRow({ name, bound, wanted, seen, ok }: ScenarioCheck): readonly string[] {
  const sign = ok ? paint('green', 'ok') : paint('red', 'FAILED');
  return [sign, name, `${bound} ${wanted}`, `seen ${seen === null ? 'none' : Number(seen.toFixed(6))}`];
}
