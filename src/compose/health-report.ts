import type { Config } from '../config/config.ts';
import type { Baseline, TargetReport } from '../spec/health.ts';
import type { HealthReport, ModelStatus, TargetStatus } from '../spec/health-report.ts';
import type { ComposedGateway } from './compose-gateway.ts';

/** How the models of a running gateway are at this moment. */
export function healthReportOf({
  gateway,
  health,
  runtime,
}: Pick<ComposedGateway, 'gateway' | 'health' | 'runtime'>): HealthReport {
  return healthReport({
    atMs: runtime.clock.nowMs(),
    models: modelsOf(gateway.snapshot.config),
    report: (targets) => health.report(targets),
  });
}

/** A public model and the addresses of its own targets. */
interface ReportedModel {
  readonly model: string;
  readonly targets: readonly string[];
}

/** What a report is made from. */
interface HealthReportParts {
  readonly atMs: number;
  readonly models: readonly ReportedModel[];
  /** How these targets are seen, in their order. */
  readonly report: (targets: readonly string[]) => readonly TargetReport[];
}

/** Sums up how every target is by the models that stand on it. */
export function healthReport({ atMs, models, report }: HealthReportParts): HealthReport {
  const found = models.map(({ model, targets }) => modelStatus(model, report(targets)));
  const healthy = found.filter((each) => each.healthy).length;
  const total = found.length;
  return {
    timestamp: moment(atMs),
    status: healthy === total ? 'healthy' : healthy === 0 ? 'down' : 'degraded',
    healthy,
    total,
    summary: `${healthy}/${total} ${total === 1 ? 'model' : 'models'} healthy`,
    models: found,
  };
}

/** How a target is seen, as reports show it. */
export function targetStatus(report: TargetReport): TargetStatus {
  const { baseline } = report;
  return {
    target: report.target,
    healthy: report.healthy,
    state: report.state,
    lastCheck: momentOrNull(report.lastCheckMs),
    consecutiveFailures: report.consecutiveFailures,
    lastError: report.lastError,
    openUntil: momentOrNull(report.openUntilMs),
    parkedUntil: momentOrNull(report.parkedUntilMs),
    inFlight: report.inFlight,
    concurrencyLimit: report.concurrencyLimit,
    firstTokenMs: baseline === null ? null : quantiles(baseline),
    tokensPerSecond: tenthsOrNull(baseline?.tokensPerSecond ?? null),
  };
}

function modelsOf(config: Config): readonly ReportedModel[] {
  return [...config.models.values()].map(({ name, targets }) => ({
    model: name,
    targets: [...new Set(targets.map(({ provider, model }) => `${provider}/${model}`))],
  }));
}

function modelStatus(model: string, targets: readonly TargetReport[]): ModelStatus {
  const best = targets.toSorted(
    (a, b) => Number(b.healthy) - Number(a.healthy) || a.consecutiveFailures - b.consecutiveFailures,
  )[0];
  const checks = targets.flatMap(({ lastCheckMs }) => (lastCheckMs === null ? [] : [lastCheckMs]));
  return {
    model,
    healthy: best?.healthy ?? false,
    lastCheck: checks.length === 0 ? null : moment(Math.max(...checks)),
    consecutiveFailures: best?.consecutiveFailures ?? 0,
    targets: targets.map(targetStatus),
  };
}

function quantiles({
  firstTokenP50Ms: p50,
  firstTokenP95Ms: p95,
  firstTokenP99Ms: p99,
}: Baseline): TargetStatus['firstTokenMs'] {
  if (p50 === null || p95 === null || p99 === null) return null;
  return { p50: tenths(p50), p95: tenths(p95), p99: tenths(p99) };
}

function moment(ms: number): string {
  return new Date(ms).toISOString();
}

function momentOrNull(ms: number | null): string | null {
  return ms === null ? null : moment(ms);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function tenthsOrNull(value: number | null): number | null {
  return value === null ? null : tenths(value);
}
