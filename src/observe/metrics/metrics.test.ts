import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAttempt, sampleFailure, sampleFinished } from '../../events/testing/sample-events.ts';
import { unseenReport } from '../../health/report.ts';
import { processMetrics } from './process-metrics.ts';
import { gatewayMetrics } from './prometheus.ts';
import { MetricRegistry } from './registry.ts';
import { renderMetrics, scrapeFormat } from './render.ts';
import { targetGauges } from './target-gauges.ts';
import { parseExposition } from './testing/parse-exposition.ts';

describe('MetricRegistry', () => {
  it('renders whatever was recorded, with any label texts, as both formats demand', () => {
    const labels = fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
    const value = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(labels, value), { maxLength: 20 }),
        fc.constantFrom('prometheus', 'openmetrics'),
        (observations, format) => {
          const registry = new MetricRegistry();
          const head = (name: string) => ({ name, help: 'Help with "quotes", \\ and\nlines.' });
          const counter = registry.counter(head('c_total'), ['a', 'b']);
          const gauge = registry.gauge(head('g'), ['a', 'b']);
          const histogram = registry.histogram(head('h'), [-1, 0, 0.5, 1, 100], ['a', 'b']);
          const gaugeBy = new Map<string, number>();
          for (const [pair, amount] of observations) {
            counter.add(pair, Math.abs(amount));
            gauge.set(pair, amount);
            histogram.observe(pair, amount);
            gaugeBy.set(pair.join('\u0000'), amount);
          }
          const families = parseExposition(renderMetrics(registry, format), format);
          expect(families.size).toBe(3);
          const gauges = [...families.get('g')!.samples.values()];
          expect(gauges.map((found) => found + 0)).toEqual([...gaugeBy.values()].map((set) => set + 0));
        },
      ),
    );
  });

  it('counts a value into the first bucket whose bound it does not pass', () => {
    const registry = new MetricRegistry();
    const histogram = registry.histogram({ name: 'h', help: 'x' }, [1, 2]);
    for (const value of [0, 1, 1.5, 2, 2.1, 50, Number.NaN, Number.POSITIVE_INFINITY]) {
      histogram.observe([], value);
    }
    expect(renderMetrics(registry, 'prometheus').split('\n').slice(2, -1)).toEqual([
      'h_bucket{le="1"} 2',
      'h_bucket{le="2"} 4',
      'h_bucket{le="+Inf"} 6',
      'h_sum 56.6',
      'h_count 6',
    ]);
  });

  it('stops taking new label sets at its limit and counts what it leaves out', () => {
    const registry = new MetricRegistry(3);
    const counter = registry.counter({ name: 'c_total', help: 'x' }, ['id']);
    for (let id = 0; id < 10; id += 1) counter.add([String(id)], 1);
    counter.add(['0'], 1);
    expect(registry.dropped).toBe(7);
    const samples = parseExposition(renderMetrics(registry, 'prometheus'), 'prometheus').get(
      'c_total',
    )!.samples;
    expect([...samples]).toEqual([
      ['c_total{id="0"}', 2],
      ['c_total{id="1"}', 1],
      ['c_total{id="2"}', 1],
    ]);
  });

  it('refuses names that stand already or break the rules', () => {
    const registry = new MetricRegistry();
    registry.counter({ name: 'c_total', help: 'x' });
    expect(() => registry.gauge({ name: 'c_total', help: 'x' })).toThrow(/exists already/);
    expect(() => registry.counter({ name: 'c', help: 'x' })).toThrow(/must end in _total/);
    expect(() => registry.gauge({ name: 'bad-name', help: 'x' })).toThrow(/no metric name/);
    expect(() => registry.histogram({ name: 'h', help: 'x' }, [2, 1])).toThrow(/must rise/);
  });
});

describe('scrapeFormat', () => {
  const prometheus2 =
    'application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;version=0.0.1;q=0.6,' +
    'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  it.each([
    [undefined, 'prometheus'],
    ['', 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/html', 'prometheus'],
    ['text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.5', 'prometheus'],
    ['application/openmetrics-text; version=0.0.1', 'prometheus'],
    ['application/openmetrics-text;q=0', 'prometheus'],
    ['application/openmetrics-text', 'openmetrics'],
    [prometheus2, 'openmetrics'],
  ])('answers the Accept header %s with %s', (accept, format) => {
    expect(scrapeFormat(accept)).toBe(format);
  });
});

function recorded() {
  const registry = new MetricRegistry();
  const hear = gatewayMetrics(registry);
  hear({ type: 'request-started', requestId: 'r1', atMs: 0, model: 'gpt-4.1', stream: true });
  hear({ type: 'request-started', requestId: 'r2', atMs: 0, model: 'gpt-4.1', stream: true });
  hear(
    sampleFinished({
      requestId: 'r1',
      attempts: [
        sampleFailure({ target: 'openai/gpt-4.1' }),
        sampleFailure({ number: 2, target: 'openai/gpt-4.1', purpose: 'repeat' }),
        sampleAttempt({
          number: 3,
          target: 'holysheep/gpt-4.1',
          provider: 'holysheep',
          purpose: 'failover',
        }),
      ],
    }),
  );
  for (const model of ['invented-1', 'invented-2']) {
    hear(
      sampleFinished({
        model,
        modelKnown: false,
        status: 404,
        attempts: [],
        usage: null,
        costNanodollars: null,
      }),
    );
  }
  hear(sampleFinished({ model: null, modelKnown: false, status: 401, attempts: [], usage: null }));
  hear(sampleFinished({ costNanodollars: null }));
  hear({ type: 'subscriber-overflowed', atMs: 0, subscriber: 'webhook', lost: 5 });
  hear({ type: 'config-reloaded', atMs: 0, changes: [] });
  hear({ type: 'key-changed', atMs: 0, keyId: 'key-1', change: 'created' });
  const target = 'openai/gpt-4.1';
  hear({ type: 'circuit-changed', atMs: 0, target, keyIndex: 0, from: 'closed', to: 'open', reason: 'so' });
  targetGauges(registry, () => [unseenReport(target, 64)]);
  return registry;
}

describe('gatewayMetrics', () => {
  it('tells what happened, under the documented names', () => {
    const families = parseExposition(renderMetrics(recorded(), 'prometheus'), 'prometheus');
    const value = (sample: string) =>
      families.get(sample.replace(/(_sum|_count)?\{.*/, ''))?.samples.get(sample);
    const expected: Record<string, number> = {
      'ai_requests_total{model="gpt-4.1",status="200"}': 2,
      'ai_requests_total{model="other",status="404"}': 2,
      'ai_requests_total{model="none",status="401"}': 1,
      'ai_request_latency_seconds_sum{model="gpt-4.1"}': 3.001,
      'ai_time_to_first_token_seconds_count{model="gpt-4.1"}': 2,
      'ai_request_cost_dollars_sum{model="gpt-4.1"}': 0.00645,
      'ai_request_cost_dollars_count{model="gpt-4.1"}': 1,
      'ai_requests_unpriced_total{model="gpt-4.1"}': 1,
      'ai_gateway_overhead_seconds_count{}': 5,
      'ai_provider_attempts_total{provider="openai",model="gpt-4.1",outcome="upstream_overloaded"}': 2,
      'ai_provider_attempts_total{provider="holysheep",model="gpt-4.1",outcome="answered"}': 1,
      'ai_failovers_total{from="openai/gpt-4.1",to="holysheep/gpt-4.1",reason="upstream_overloaded"}': 1,
      'ai_tokens_total{model="gpt-4.1",provider="holysheep",type="cache_read"}': 300,
      'ai_cost_dollars_total{model="gpt-4.1",provider="holysheep"}': 0.00645,
      'ai_inflight_requests{}': 1,
      'ai_events_lost_total{subscriber="webhook"}': 5,
      'ai_config_reloads_total{}': 1,
      'ai_metric_observations_dropped_total{}': 0,
    };
    for (const [sample, amount] of Object.entries(expected))
      expect([sample, value(sample)]).toEqual([sample, amount]);
    expect(families.get('ai_failovers_total')?.samples.size).toBe(1);
  });

  it('makes no labels of upstream models that clients invent', () => {
    const registry = new MetricRegistry();
    const hear = gatewayMetrics(registry, { knownTarget: (target) => target === 'holysheep/gpt-4.1' });
    const last = sampleAttempt({
      number: 3,
      target: 'holysheep/gpt-4.1',
      provider: 'holysheep',
      purpose: 'failover',
    });
    for (const invented of ['invented-1', 'invented-2']) {
      const target = `openai/${invented}`;
      const attempts = [
        sampleFailure({ target, model: invented }),
        sampleFailure({ target: `${target}b` }),
        last,
      ];
      hear(sampleFinished({ model: target, modelKnown: false, attempts }));
    }
    const text = renderMetrics(registry, 'prometheus');
    expect(text).not.toContain('invented');
    expect(text).toContain(
      'ai_failovers_total{from="other",to="holysheep/gpt-4.1",reason="upstream_overloaded"} 2',
    );
    expect(text).toContain('{provider="openai",model="other",outcome="upstream_overloaded"} 4');
  });

  it('never tells of keys, tags or requests', () => {
    expect(renderMetrics(recorded(), 'prometheus')).not.toMatch(/key-1|team:search|r1|invented/);
  });

  it('renders for both formats together with the figures of the process', () => {
    const registry = recorded();
    const running = processMetrics(registry, '0.1.0');
    const openmetrics = renderMetrics(registry, 'openmetrics');
    const families = parseExposition(openmetrics, 'openmetrics');
    expect(families.get('ai_requests')?.type).toBe('counter');
    expect(openmetrics).toContain('le="1.0"');
    expect(
      families.get('process_resident_memory_bytes')?.samples.get('process_resident_memory_bytes{}'),
    ).toBeGreaterThan(1e6);
    expect(families.get('ai_event_loop_lag_seconds')?.samples.size).toBe(4);
    running.stop();
  });
});

const promtool = process.env['PROMTOOL'] ?? 'promtool';
const havePromtool = spawnSync(promtool, ['--version']).status === 0;
if (!havePromtool) {
  process.stderr.write(
    'skipped: promtool checks the metrics where it is installed (Debian package: prometheus)\n',
  );
}

it.runIf(havePromtool)('passes the linter of Prometheus', () => {
  const registry = recorded();
  processMetrics(registry, '0.1.0').stop();
  const input = renderMetrics(registry, 'prometheus');
  const result = spawnSync(promtool, ['check', 'metrics'], { input, encoding: 'utf8' });
  expect([result.status, result.stdout, result.stderr]).toEqual([0, '', '']);
});
