import type { DrillAnswer, DrillReportAnswer } from '../admin/answers.ts';
import { duration, localTime } from '../format/amount.ts';
import { table } from '../format/table.ts';
import { harmless, paint } from '../terminal.ts';

/** Changes of circuits that are shown to people; `--json` has more of them. */
const CIRCUITS_SHOWN = 12;

/** What came of a drill, for people. */
export function drillText(drill: DrillAnswer): string {
  const { report } = drill;
  const style = report.lost > 0 ? 'red' : report.unavoidable > 0 ? 'yellow' : 'green';
  return [
    paint(style, report.verdict),
    '',
    table(rows(drill)),
    '',
    table([
      ['TARGET', 'ANSWERED', 'FAILED CALLS'].map((title) => paint('dim', title)),
      ...report.targets.map(({ target, answered, failed }) => [
        harmless(target),
        String(answered),
        String(failed),
      ]),
    ]),
    ...circuitLines(report),
  ].join('\n');
}

function rows({ provider, fault, share, started_at: startedAt, ended_at: endedAt, report }: DrillAnswer) {
  const { added_ms: added } = report;
  const tookMs = endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  const of = share >= 1 ? '' : ` in ${share * 100} % of its calls`;
  return [
    ['Drill', `${provider} with the fault "${fault}"${of}, for ${duration(tookMs)}`],
    ['Requests', String(report.requests)],
    ['  met the fault', String(report.met)],
    ['  failed over', String(report.failed_over)],
    ['  resumed in the middle', String(report.resumed)],
    ['  answered there still', String(report.recovered)],
    ['  lost', String(report.lost)],
    ...few('  no other target', report.unavoidable),
    ...few('  client went away', report.left),
    ...few('  still under way', report.under_way),
    ...few('Failed besides', report.failed_besides),
    ['Calls to it', `${report.provider_calls}, of which ${report.broken_calls} were broken`],
    [
      'Added latency',
      added === null
        ? '–'
        : `p50 ${duration(added.p50)}, p99 ${duration(added.p99)}, at most ${duration(added.max)}`,
    ],
  ];
}

// Lines that mean something only where there is something to tell.
function few(title: string, count: number): readonly (readonly string[])[] {
  return count === 0 ? [] : [[title, String(count)]];
}

function circuitLines({ circuits, circuit_changes: changes }: DrillReportAnswer): readonly string[] {
  if (changes === 0) return [];
  const shown = circuits.slice(0, CIRCUITS_SHOWN);
  const more = changes - shown.length;
  return [
    '',
    table([
      ['CIRCUITS', 'TARGET', 'FROM', 'TO', 'WHY'].map((title) => paint('dim', title)),
      ...shown.map(({ at, target, from, to, reason }) => [localTime(at), harmless(target), from, to, reason]),
    ]),
    ...(more > 0 ? [paint('dim', `and ${more} more`)] : []),
  ];
}
