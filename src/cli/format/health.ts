import type { CircuitState } from '../../spec/event.ts';
import type { HealthReportAnswer, ModelHealthAnswer, TargetHealthAnswer } from '../admin/answers.ts';
import { harmless, paint, type Style } from '../terminal.ts';
import { duration, localTime } from './amount.ts';
import { table, wrapped } from './table.ts';

/** The health report for people: what is down stands first, and why stands below. */
export function healthText(report: HealthReportAnswer): string {
  const nowMs = Date.parse(report.timestamp);
  const models = report.models.toSorted((a, b) => RANK[gradeOf(a)] - RANK[gradeOf(b)]);
  const style: Style = report.status === 'healthy' ? 'green' : report.status === 'down' ? 'red' : 'yellow';
  const rows = models.flatMap((model) => [modelRow(model, nowMs), ...targetRows(model, nowMs)]);
  return [
    `${paint(style, report.summary)} ${paint('dim', `at ${localTime(report.timestamp)}`)}`,
    ...(rows.length === 0 ? [] : ['', table([HEADER.map((title) => paint('dim', title)), ...rows])]),
    ...errorLines(models),
  ].join('\n');
}

const HEADER = ['', 'MODEL', 'STATE', 'FAILURES', 'CHECKED', 'FIRST TOKEN', 'UNDER WAY'];

/** `weak`: it answers, but not all of its targets could. */
type Grade = 'down' | 'weak' | 'ok';

const RANK: { readonly [grade in Grade]: number } = { down: 0, weak: 1, ok: 2 };
const STYLE: { readonly [grade in Grade]: Style } = { down: 'red', weak: 'yellow', ok: 'green' };

function gradeOf({ healthy, targets }: ModelHealthAnswer): Grade {
  if (!healthy) return 'down';
  return targets.every((target) => target.healthy) ? 'ok' : 'weak';
}

function modelRow(model: ModelHealthAnswer, nowMs: number): readonly string[] {
  const grade = gradeOf(model);
  const well = model.targets.filter(({ healthy }) => healthy).length;
  return [
    paint(STYLE[grade], grade),
    paint('bold', harmless(model.model)),
    `${well} of ${model.targets.length} targets`,
    String(model.consecutive_failures),
    agoWords(model.last_check, nowMs),
  ];
}

function targetRows({ targets }: ModelHealthAnswer, nowMs: number): readonly (readonly string[])[] {
  return targets.map((target) => [
    '',
    `  ${harmless(target.target)}`,
    paint(target.healthy ? 'green' : 'red', stateWords(target, nowMs)),
    String(target.consecutive_failures),
    agoWords(target.last_check, nowMs),
    duration(target.first_token_ms?.p50 ?? null),
    `${target.in_flight}${target.concurrency_limit === null ? '' : ` of ${target.concurrency_limit}`}`,
  ]);
}

const STATE_WORDS: { readonly [state in CircuitState]: string } = {
  closed: 'takes calls',
  open: 'left alone',
  'half-open': 'being tried',
  recovering: 'recovering',
};

function stateWords(
  { state, open_until: open, parked_until: parked }: TargetHealthAnswer,
  nowMs: number,
): string {
  // A limit or a key that keeps calls away says more than a circuit that would let them through.
  if (parked !== null) return `parked for ${span(leftMs(parked, nowMs))}`;
  return STATE_WORDS[state] + (open === null ? '' : ` for ${span(leftMs(open, nowMs))}`);
}

function leftMs(iso: string, nowMs: number): number {
  return Math.max(0, Date.parse(iso) - nowMs);
}

function agoWords(iso: string | null, nowMs: number): string {
  if (iso === null) return 'never';
  const ms = Math.max(0, nowMs - Date.parse(iso));
  return `${span(ms)} ago`;
}

// Whole seconds, minutes or hours: whoever reads this wants the order of magnitude.
function span(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

// Of what works nobody wants to know what went wrong before.
function errorLines(models: readonly ModelHealthAnswer[]): readonly string[] {
  const errors = new Map<string, string>();
  for (const { target, healthy, last_error: error } of models.flatMap(({ targets }) => targets))
    if (!healthy && error !== null) errors.set(target, error);
  if (errors.size === 0) return [];
  const told = [...errors].map(([target, error]) => wrapped(harmless(`${target}: ${error}`), '  '));
  return ['', paint('dim', 'What went wrong last'), ...told];
}
