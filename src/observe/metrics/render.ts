import type { Metric, MetricRegistry } from './registry.ts';

/** The two text formats of a scrape: Prometheus' own 0.0.4, and OpenMetrics 1.0. */
export type ScrapeFormat = 'prometheus' | 'openmetrics';

export const SCRAPE_CONTENT_TYPES = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<ScrapeFormat, string>;

/** Chooses the format from an Accept header: OpenMetrics where it is asked for at least as much as plain text. */
export function scrapeFormat(accept: string | undefined): ScrapeFormat {
  const weights = (accept ?? '').split(',').map(mediaRange);
  const weightOf = (type: string) =>
    Math.max(0, ...weights.filter((range) => range.type === type).map((range) => range.weight));
  const openmetrics = weightOf('application/openmetrics-text');
  return openmetrics > 0 && openmetrics >= weightOf('text/plain') ? 'openmetrics' : 'prometheus';
}

/** Renders all metrics (https://prometheus.io/docs/instrumenting/exposition_formats/, OpenMetrics 1.0 specification). */
export function renderMetrics(registry: MetricRegistry, format: ScrapeFormat): string {
  const lines: string[] = [];
  for (const metric of registry.collect()) renderMetric(lines, metric, format);
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function renderMetric(lines: string[], metric: Metric, format: ScrapeFormat): void {
  const { name, help } = metric.head;
  // OpenMetrics names the family of a counter without its suffix.
  const family =
    format === 'openmetrics' && metric.type === 'counter' ? name.slice(0, -'_total'.length) : name;
  lines.push(`# HELP ${family} ${escapeHelp(help, format)}`, `# TYPE ${family} ${metric.type}`);
  for (const [values, numbers] of metric.series.entries()) {
    const labels = labelPairs(metric.series.labelNames, values);
    if (metric.type === 'histogram') renderHistogram(lines, metric, { labels, numbers, format });
    else lines.push(`${name}${braces(labels)} ${numberText(numbers[0] ?? 0)}`);
  }
}

interface HistogramSeries {
  readonly labels: string;
  readonly numbers: Float64Array;
  readonly format: ScrapeFormat;
}

function renderHistogram(
  lines: string[],
  metric: Extract<Metric, { type: 'histogram' }>,
  { labels, numbers, format }: HistogramSeries,
): void {
  const { name } = metric.head;
  const before = labels === '' ? '' : `${labels},`;
  let total = 0;
  for (const [index, bound] of [...metric.bounds, Number.POSITIVE_INFINITY].entries()) {
    total += numbers[index] ?? 0;
    lines.push(`${name}_bucket{${before}le="${boundText(bound, format)}"} ${total}`);
  }
  lines.push(`${name}_sum${braces(labels)} ${numberText(numbers[numbers.length - 1] ?? 0)}`);
  lines.push(`${name}_count${braces(labels)} ${total}`);
}

function labelPairs(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',');
}

function braces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

// OpenMetrics wants bounds written as floats: "1.0".
function boundText(bound: number, format: ScrapeFormat): string {
  const text = numberText(bound);
  return format === 'openmetrics' && Number.isInteger(bound) ? `${text}.0` : text;
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, escaped);
}

// Quotes are escaped in help texts of OpenMetrics and stand as they are in the older format.
function escapeHelp(help: string, format: ScrapeFormat): string {
  return help.replace(format === 'openmetrics' ? /[\\"\n]/g : /[\\\n]/g, escaped);
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}

function mediaRange(text: string): { readonly type: string; readonly weight: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const version = parameters.find((parameter) => parameter.startsWith('version='));
  if (type === 'application/openmetrics-text' && version !== undefined && version !== 'version=1.0.0') {
    return { type, weight: 0 };
  }
  const value = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, weight: Number.isFinite(value) ? value : 0 };
}
