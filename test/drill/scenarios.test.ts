import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/compose/load-scenario.ts';
import { runScenario } from '../../src/compose/run-scenario.ts';
import { SCENARIOS } from '../../src/drill/scenarios/index.ts';

describe('the scenarios that come along', () => {
  it.each(Object.keys(SCENARIOS))('%s comes out as it expects', { timeout: 60_000 }, async (name) => {
    const report = await runScenario(loadScenario(name, SCENARIOS[name] ?? ''));
    expect(report.name).toBe(name);
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.requests).toBeGreaterThan(500);
    expect(report.drills.every(({ report: { met } }) => met > 0)).toBe(true);
  });
});
