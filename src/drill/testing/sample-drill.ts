import type { Drill, DrillReport } from '../../spec/drill.ts';

/** A report of an outage that nobody noticed; override what a test is about. */
export function sampleReport(changes: Partial<DrillReport> = {}): DrillReport {
  return {
    requests: 412,
    providerCalls: 20,
    brokenCalls: 18,
    met: 18,
    failedOver: 16,
    resumed: 1,
    recovered: 1,
    lost: 0,
    unavoidable: 0,
    left: 0,
    underWay: 0,
    failedBesides: 0,
    addedMs: { p50: 1, p99: 12.4, max: 14 },
    targets: [{ target: 'openai/gpt-4.1', answered: 396, failed: 18 }],
    circuits: [
      {
        type: 'circuit-changed',
        atMs: 1_800_000_000_000,
        target: 'openai/gpt-4.1',
        keyIndex: 0,
        from: 'closed',
        to: 'open',
        reason: '5 failures in a row',
      },
    ],
    circuitChanges: 1,
    verdict: 'Nothing was lost.',
    ...changes,
  };
}

/** A drill that runs; override what a test is about. */
export function sampleDrill(changes: Partial<Drill> = {}): Drill {
  return {
    id: 'drl_1',
    provider: 'openai',
    fault: 'down',
    share: 1,
    startedBy: 'ops',
    startedAtMs: 1_800_000_000_000,
    untilMs: 1_800_000_060_000,
    endedAtMs: null,
    ending: null,
    report: sampleReport(),
    ...changes,
  };
}
