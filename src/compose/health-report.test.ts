import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CIRCUIT_STATES } from '../spec/event.ts';
import type { TargetReport } from '../spec/health.ts';
import { healthReport } from './health-report.ts';

const AT_MS = Date.parse('2026-11-21T03:00:00.000Z');

function well(target: string, changes: Partial<TargetReport> = {}): TargetReport {
  return {
    target,
    state: 'closed',
    healthy: true,
    consecutiveFailures: 0,
    lastCheckMs: AT_MS - 5_000,
    lastError: null,
    openUntilMs: null,
    parkedUntilMs: null,
    inFlight: 2,
    concurrencyLimit: 64,
    baseline: null,
    ...changes,
  };
}

function ill(target: string, consecutiveFailures: number, changes: Partial<TargetReport> = {}): TargetReport {
  return well(target, {
    state: 'open',
    healthy: false,
    consecutiveFailures,
    lastError: 'The provider answered 503.',
    openUntilMs: AT_MS + 5_000,
    ...changes,
  });
}

function reportOf(models: { readonly [model: string]: readonly TargetReport[] }) {
  const known = new Map(
    Object.values(models)
      .flat()
      .map((each) => [each.target, each]),
  );
  return healthReport({
    atMs: AT_MS,
    models: Object.entries(models).map(([model, targets]) => ({
      model,
      targets: targets.map(({ target }) => target),
    })),
    report: (targets) => targets.map((target) => known.get(target) ?? well(target)),
  });
}

describe('the health report', () => {
  it('tells of every target what is known of it', () => {
    const baseline = {
      samples: 99,
      firstTokenP50Ms: 310.04,
      firstTokenP95Ms: 900,
      firstTokenP99Ms: 1_200.26,
      answerP99Ms: null,
      tokensPerSecond: 71.234,
    };
    expect(
      reportOf({ chat: [well('a/x', { baseline }), ill('b/y', 7, { parkedUntilMs: AT_MS + 1 })] }),
    ).toEqual({
      timestamp: '2026-11-21T03:00:00.000Z',
      status: 'healthy',
      healthy: 1,
      total: 1,
      summary: '1/1 model healthy',
      models: [
        {
          model: 'chat',
          healthy: true,
          lastCheck: '2026-11-21T02:59:55.000Z',
          consecutiveFailures: 0,
          targets: [
            {
              target: 'a/x',
              healthy: true,
              state: 'closed',
              lastCheck: '2026-11-21T02:59:55.000Z',
              consecutiveFailures: 0,
              lastError: null,
              openUntil: null,
              parkedUntil: null,
              inFlight: 2,
              concurrencyLimit: 64,
              firstTokenMs: { p50: 310, p95: 900, p99: 1_200.3 },
              tokensPerSecond: 71.2,
            },
            {
              target: 'b/y',
              healthy: false,
              state: 'open',
              lastCheck: '2026-11-21T02:59:55.000Z',
              consecutiveFailures: 7,
              lastError: 'The provider answered 503.',
              openUntil: '2026-11-21T03:00:05.000Z',
              parkedUntil: '2026-11-21T03:00:00.001Z',
              inFlight: 2,
              concurrencyLimit: 64,
              firstTokenMs: null,
              tokensPerSecond: null,
            },
          ],
        },
      ],
    });
  });

  it.each([
    ['every model is well', [[well('a/x')], [well('b/y')]], 'healthy', '2/2 models healthy'],
    ['one lives by its second target', [[ill('a/x', 5), well('b/y')]], 'healthy', '1/1 model healthy'],
    ['one has none left', [[ill('a/x', 5)], [well('b/y')]], 'degraded', '1/2 models healthy'],
    ['none has one left', [[ill('a/x', 5)], [ill('b/y', 9)]], 'down', '0/2 models healthy'],
    ['there are no models', [], 'healthy', '0/0 models healthy'],
  ] as const)('sums up where %s', (_name, models, status, summary) => {
    expect(reportOf(Object.fromEntries(models.map((each, index) => [`m${index}`, each])))).toMatchObject({
      status,
      summary,
    });
  });

  it('takes the failures of the best target and the latest check of any', () => {
    const late = { lastCheckMs: AT_MS - 1 };
    const failures = (targets: readonly TargetReport[]) => {
      const { consecutiveFailures, lastCheck } = reportOf({ m: targets }).models[0]!;
      return [consecutiveFailures, lastCheck];
    };
    const early = '2026-11-21T02:59:55.000Z';
    expect(failures([ill('a/x', 9), ill('b/y', 6, late)])).toEqual([6, '2026-11-21T02:59:59.999Z']);
    // A target that is left alone for a rate limit has no failures in a row, and still is not the one that answers.
    expect(failures([ill('a/x', 0), well('b/y', { consecutiveFailures: 2 })])).toEqual([2, early]);
    const unseen = { lastCheckMs: null };
    expect(failures([well('a/x', unseen), well('b/y', unseen)])).toEqual([0, null]);
    expect(failures([well('a/x', unseen), well('b/y')])).toEqual([0, early]);
  });

  it('counts what it lists, whatever the targets are', () => {
    const target = fc.record({
      state: fc.constantFrom(...CIRCUIT_STATES),
      healthy: fc.boolean(),
      consecutiveFailures: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(fc.array(target, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (models) => {
        const made = reportOf(
          Object.fromEntries(
            models.map((targets, at) => [`m${at}`, targets.map((each, n) => well(`p${at}/${n}`, each))]),
          ),
        );
        expect(made.total).toBe(models.length);
        expect(made.healthy).toBe(models.filter((targets) => targets.some(({ healthy }) => healthy)).length);
        expect(made.models.map(({ healthy }) => healthy)).toEqual(
          made.models.map(({ targets }) => targets.some(({ healthy }) => healthy)),
        );
        expect(made.status === 'healthy').toBe(made.healthy === made.total);
      }),
    );
  });
});
