import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/tool.ts';
import { replayIncidents } from '../../src/compose/incident-replay.ts';
import { readTrace, reportText, type ReplayOptions } from '../../src/drill/replay/index.ts';
import { parsePeriod } from '../../src/drill/replay/period.ts';
import { INCIDENT_FILES, readOptions, TRACES, USAGE, type Options } from './options.ts';
import { writeRow } from './results.ts';

const DATA = path.join(ROOT, '..', 'shared', 'data');

// Replays real incidents against the gateway of the sources, on virtual time: `npm run bench:incidents -- --help`.
const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  await run(options);
}

async function run(chosen: Options): Promise<void> {
  const startedMs = performance.now();
  const report = await replayIncidents(replayOptions(chosen));
  console.log(reportText(report));
  console.table(report.strata);
  for (const loss of report.avoidable) console.log('avoidable loss:', loss);
  console.log(`Took ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`);
  if (chosen.write) writeRow(report, chosen);
}

function replayOptions(chosen: Options): ReplayOptions {
  const { providers, period, mode, seed, requests, perMinute, brownouts, deadlineS, trace } = chosen;
  const file = fileFor(period);
  const traceFile = TRACES[trace];
  return {
    file,
    text: readFileSync(path.join(DATA, 'incidents', file), 'utf8'),
    ...(providers === null ? {} : { providers }),
    period,
    mode,
    seed,
    requests,
    requestsPerMinute: perMinute,
    brownoutsPerMonth: brownouts,
    deadlineMs: deadlineS * 1000,
    ...(traceFile === undefined
      ? {}
      : { trace: readTrace(traceFile, readFileSync(path.join(DATA, 'traces', traceFile), 'utf8')) }),
  };
}

// The file whose months, in its name, hold the period.
function fileFor(period: string): string {
  const { startMs, endMs } = parsePeriod(period);
  const found = INCIDENT_FILES.find((file) => {
    const [from = '', to = from] = file.match(/\d{4}-\d{2}/g) ?? [];
    const covered = parsePeriod(`${from}..${to}`);
    return covered.startMs <= startMs && endMs <= covered.endMs;
  });
  if (found === undefined)
    throw new Error(`no file covers the period ${period}; there are ${INCIDENT_FILES.join(', ')}`);
  return found;
}
