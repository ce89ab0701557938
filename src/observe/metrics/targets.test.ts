import { describe, expect, it } from 'vitest';
import { sampleAttempt, sampleFailure, sampleFinished } from '../../events/testing/sample-events.ts';
import { unseenReport } from '../../health/report.ts';
import type { Attempt } from '../../spec/attempt.ts';
import type { ErrorKind } from '../../spec/error.ts';
import { CIRCUIT_STATES, type CircuitState } from '../../spec/event.ts';
import type { TargetReport } from '../../spec/health.ts';
import { gatewayMetrics } from './prometheus.ts';
import { MetricRegistry } from './registry.ts';
import { renderMetrics } from './render.ts';
import { targetGauges } from './target-gauges.ts';
import { parseExposition } from './testing/parse-exposition.ts';

function samplesOf(registry: MetricRegistry, name: string): Readonly<Record<string, number>> {
  const families = parseExposition(renderMetrics(registry, 'prometheus'), 'prometheus');
  return Object.fromEntries(families.get(name)?.samples ?? []);
}

function failed(kind: ErrorKind, changes: Partial<Attempt>): Attempt {
  return sampleFailure({
    ...changes,
    outcome: { type: 'failed', kind, message: '', status: null, retryAfterMs: null, committed: false },
  });
}

function heard(...attempts: readonly Attempt[]): MetricRegistry {
  const registry = new MetricRegistry();
  gatewayMetrics(registry)(sampleFinished({ attempts }));
  return registry;
}

const FIRST = { target: 'openai/gpt-4.1' };
const SECOND = { number: 2, target: 'holysheep/gpt-4.1', provider: 'holysheep' };

describe('metrics of attempts', () => {
  it('count every call by why it was made, from nothing', () => {
    const registry = heard(
      sampleFailure(FIRST),
      sampleFailure({ ...FIRST, purpose: 'other-key', keyIndex: 1 }),
      sampleAttempt({ ...SECOND, purpose: 'failover' }),
    );
    expect(samplesOf(registry, 'ai_attempts_total')).toEqual({
      'ai_attempts_total{purpose="first"}': 1,
      'ai_attempts_total{purpose="other-key"}': 1,
      'ai_attempts_total{purpose="failover"}': 1,
      'ai_attempts_total{purpose="repeat"}': 0,
      'ai_attempts_total{purpose="resume"}': 0,
      'ai_attempts_total{purpose="hedge"}': 0,
    });
  });

  it('count how broken answers went on, and what came of it', () => {
    const registry = heard(
      failed('upstream_broken_off', FIRST),
      failed('upstream_diverged', { ...SECOND, purpose: 'resume', resume: 'restart' }),
      sampleAttempt({ ...FIRST, number: 3, purpose: 'resume', resume: 'prefill' }),
    );
    expect(samplesOf(registry, 'ai_resumes_total')).toEqual({
      'ai_resumes_total{method="restart",outcome="upstream_diverged"}': 1,
      'ai_resumes_total{method="prefill",outcome="answered"}': 1,
    });
    expect(samplesOf(registry, 'ai_failovers_total')).toEqual({
      'ai_failovers_total{from="openai/gpt-4.1",to="holysheep/gpt-4.1",reason="upstream_broken_off"}': 1,
      'ai_failovers_total{from="holysheep/gpt-4.1",to="openai/gpt-4.1",reason="upstream_diverged"}': 1,
    });
  });

  it.each([
    ['won', [failed('hedge_lost', FIRST), sampleAttempt({ ...SECOND, purpose: 'hedge' })]],
    ['lost', [failed('hedge_lost', { ...SECOND, purpose: 'hedge' }), sampleAttempt(FIRST)]],
    ['failed', [failed('upstream_overloaded', { ...SECOND, purpose: 'hedge' }), sampleAttempt(FIRST)]],
  ] as const)('count a hedge that %s, and take it for no failover', (outcome, attempts) => {
    const registry = heard(...attempts);
    expect(samplesOf(registry, 'ai_hedges_total')).toEqual({
      'ai_hedges_total{outcome="won"}': 0,
      'ai_hedges_total{outcome="lost"}': 0,
      'ai_hedges_total{outcome="failed"}': 0,
      [`ai_hedges_total{outcome="${outcome}"}`]: 1,
    });
    expect(samplesOf(registry, 'ai_failovers_total')).toEqual({});
  });

  it('tell of a failover behind a race from whom the failure came', () => {
    const registry = heard(
      failed('upstream_broken_off', FIRST),
      failed('hedge_lost', { ...SECOND, purpose: 'hedge' }),
      sampleAttempt({ number: 3, target: 'c/x', provider: 'c', purpose: 'failover' }),
    );
    expect(samplesOf(registry, 'ai_failovers_total')).toEqual({
      'ai_failovers_total{from="openai/gpt-4.1",to="c/x",reason="upstream_broken_off"}': 1,
    });
  });
});

describe('metrics of circuits', () => {
  it('count changes, with labels of configured targets only', () => {
    const registry = new MetricRegistry();
    const hear = gatewayMetrics(registry, { knownTarget: (target) => target === 'a/x' });
    const change = (target: string, to: CircuitState) =>
      hear({ type: 'circuit-changed', atMs: 0, target, keyIndex: 0, from: 'closed', to, reason: 'so' });
    change('a/x', 'open');
    change('a/x', 'open');
    change('a/x', 'half-open');
    change('a/invented', 'open');
    change('a/invented-too', 'open');
    expect(samplesOf(registry, 'ai_circuit_changes_total')).toEqual({
      'ai_circuit_changes_total{target="a/x",to="open"}': 2,
      'ai_circuit_changes_total{target="a/x",to="half-open"}': 1,
      'ai_circuit_changes_total{target="other",to="open"}': 2,
    });
  });
});

function report(target: string, changes: Partial<TargetReport> = {}): TargetReport {
  return { ...unseenReport(target, null), ...changes };
}

describe('gauges of targets', () => {
  it('show each target as it is at the moment of the scrape', () => {
    const registry = new MetricRegistry();
    let state: CircuitState = 'closed';
    targetGauges(registry, () => [
      report('a/x', { state, healthy: state === 'closed', inFlight: 7, concurrencyLimit: 64 }),
      report('b/y'),
    ]);
    for (state of CIRCUIT_STATES) {
      const circuits = samplesOf(registry, 'ai_target_circuit_state');
      for (const each of CIRCUIT_STATES)
        expect(circuits[`ai_target_circuit_state{target="a/x",state="${each}"}`]).toBe(
          each === state ? 1 : 0,
        );
      expect(samplesOf(registry, 'ai_target_healthy')).toEqual({
        'ai_target_healthy{target="a/x"}': state === 'closed' ? 1 : 0,
        'ai_target_healthy{target="b/y"}': 1,
      });
    }
    expect(samplesOf(registry, 'ai_target_in_flight')).toEqual({
      'ai_target_in_flight{target="a/x"}': 7,
      'ai_target_in_flight{target="b/y"}': 0,
    });
    expect(samplesOf(registry, 'ai_target_concurrency_limit')).toEqual({
      'ai_target_concurrency_limit{target="a/x"}': 64,
    });
  });

  it('show a target no more that was taken out, and give its room back', () => {
    // Room for one target: healthy, four states, under way, limit.
    const registry = new MetricRegistry(7);
    let target = 'a/x';
    targetGauges(registry, () => [report(target, { concurrencyLimit: 64 })]);
    for (target of ['a/x', 'b/y', 'c/z']) {
      const text = renderMetrics(registry, 'prometheus');
      expect([...text.matchAll(/target="([^"]+)"/g)].map(([, found]) => found)).toEqual(
        Array.from({ length: 7 }, () => target),
      );
    }
    expect(registry.dropped).toBe(0);
  });
});
