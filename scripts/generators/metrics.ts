import { startInstance } from '../../src/compose/instance.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { processMetrics } from '../../src/observe/metrics/process-metrics.ts';
import { gatewayMetrics } from '../../src/observe/metrics/prometheus.ts';
import { queueGauges } from '../../src/observe/metrics/queue-metrics.ts';
import { MetricRegistry, type Metric } from '../../src/observe/metrics/registry.ts';
import { targetGauges } from '../../src/observe/metrics/target-gauges.ts';
import { escapeCell, generatedNotice } from './markdown.ts';

/** The reference page of metrics: what a running gateway shows at /metrics, with the labels from the registry. */
export async function metricsPage(): Promise<string> {
  const known = new Map(registered().map((metric) => [metric.head.name, metric]));
  const rows = shownBy(await scraped()).map(({ name, type, help }) => {
    const labels = known.get(name)?.series.labelNames ?? [];
    const cells = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${cells} | ${escapeCell(help)} |`;
  });
  const histograms = [...known.values()].flatMap((metric) =>
    metric.type === 'histogram' ? [`| \`${metric.head.name}\` | ${metric.bounds.join(', ')} |`] : [],
  );
  return [
    '# Metrics',
    '',
    generatedNotice('src/observe/metrics/'),
    '',
    'What `GET /metrics` shows, in the Prometheus text format, or in OpenMetrics for a scraper that asks for it. Labels are names of the',
    'configuration: a model that a client made up is `other`, a request that named none is `none`; keys, users and requests are',
    'never labels.',
    '',
    '| metric | type | labels | |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Buckets',
    '',
    '| histogram | upper bounds, in its unit |',
    '|---|---|',
    ...histograms,
    '',
  ].join('\n');
}

function registered(): readonly Metric[] {
  const registry = new MetricRegistry();
  gatewayMetrics(registry);
  queueGauges(registry, () => ({ queued: 0, running: 0 }));
  targetGauges(registry, () => []);
  processMetrics(registry, '').stop();
  return registry.collect();
}

// Only a whole gateway registers everything, so one is asked.
async function scraped(): Promise<string> {
  const config = {
    server: { port: 0 },
    store: { url: 'memory:' },
    observe: { log_level: 'silent' },
  };
  const loaded = loadConfig({ type: 'value', value: config }, { resolve: () => null });
  const instance = await startInstance({ loaded });
  try {
    const response = await fetch(`${instance.server.url}/metrics`);
    return await response.text();
  } finally {
    await instance.close(0);
  }
}

interface Shown {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

function shownBy(exposition: string): readonly Shown[] {
  const types = new Map(
    [...exposition.matchAll(/^# TYPE (?<name>\S+) (?<type>\S+)$/gm)].map(({ groups = {} }) => [
      groups['name'],
      groups['type'],
    ]),
  );
  return [...exposition.matchAll(/^# HELP (?<name>\S+) (?<help>.+)$/gm)].map(({ groups = {} }) => ({
    name: groups['name'] ?? '',
    type: types.get(groups['name']) ?? '',
    help: groups['help'] ?? '',
  }));
}
