import { describe, expect, it } from 'vitest';
import { replayIncidents } from '../../src/compose/incident-replay.ts';
import { reportText, type ReplayOptions, type ReplayReport } from '../../src/drill/replay/index.ts';

/**
 * By how much the share of served requests may differ from the ideal router's in these small replays: 0.1 points. One lost
 * request stands for 0.04 points in them.
 */
const GAP_TOLERANCE = 0.001;

const FILE = 'made_2026-05.csv';
// Three days with outages of each of three services, two of them together for 25 minutes, all of them for 20.
const TEXT = [
  'service,incident_id,start_utc,end_utc,duration_s,impact,scope_class',
  'one,a,2026-05-01T06:00:00Z,2026-05-01T09:00:00Z,10800,major,all_models',
  'two,b,2026-05-01T08:35:00Z,2026-05-01T10:00:00Z,5100,minor,elevated_errors',
  'three,c,2026-05-02T01:00:00Z,2026-05-02T03:30:00Z,9000,critical,latency_or_degraded',
  'one,d,2026-05-03T12:00:00Z,2026-05-03T13:00:00Z,3600,minor,elevated_errors',
  'two,e,2026-05-03T12:10:00Z,2026-05-03T13:10:00Z,3600,,other',
  'three,f,2026-05-03T12:20:00Z,2026-05-03T12:40:00Z,1200,minor,auth',
  '',
].join('\n');
const MINUTES = 3 * 1440;

// Short answers: a long one takes time to play and tells nothing more.
const TRACE = Array.from({ length: 200 }, (_, index) => ({
  atMs: index * 700 + (index % 7) * 90,
  inputTokens: 20,
  outputTokens: 12 + (index % 5) * 6,
}));

const OPTIONS: ReplayOptions = {
  file: FILE,
  text: TEXT,
  period: '2026-05-01..2026-05-03',
  mode: 'conservative',
  seed: 1,
  requests: 700,
  // Many minutes with few requests each: an edge more tells more than a request more.
  requestsPerMinute: 10,
  brownoutsPerMonth: 0,
  trace: TRACE,
};

function words(report: ReplayReport): string {
  return `${reportText(report)}\n${JSON.stringify(report.avoidable, null, 1)}`;
}

// Three seconds in all on an idle machine; the limit is for one that is not.
describe('a replay of incidents', { timeout: 60_000 }, () => {
  it('serves what an ideal router would: three providers lose only what all three lose', async () => {
    const report = await replayIncidents({ ...OPTIONS, providers: ['one', 'two', 'three'] });
    expect(report.ceiling).toBeCloseTo(1 - 20 / MINUTES, 9);
    expect(report.announcedCeiling).toBeCloseTo(report.ceiling, 9);
    expect(report.singles[0]).toEqual({ service: 'one', availability: expect.closeTo(1 - 240 / MINUTES, 9) });
    expect(Math.abs(report.gap.value), words(report)).toBeLessThan(GAP_TOLERANCE);
    expect(Math.abs(report.availability.value - report.ceiling)).toBeLessThan(GAP_TOLERANCE);
    expect(report.requests).toBeGreaterThan(600);
    // Requests sent while all were down are in the sample, and lost.
    expect(report.lost).toBeGreaterThan(20);
    expect(report).toMatchObject({ duplicates: 0, gaps: 0 });
    expect(report.callsPerRequest.outside).toBeCloseTo(1, 2);
    expect(report.callsPerRequest.inside).toBeLessThan(1.2);
    expect(report.costRatio).not.toBeNull();
  });

  it('measures a gateway with one provider at that provider’s own availability: what it cannot mend is seen', async () => {
    const report = await replayIncidents({ ...OPTIONS, providers: ['one'] });
    expect(report.ceiling).toBeCloseTo(1 - 240 / MINUTES, 9);
    expect(Math.abs(report.gap.value), words(report)).toBeLessThan(GAP_TOLERANCE);
    expect(report.lost).toBeGreaterThan(20);
    expect(report.losses.damaged).toBe(0);
  });

  it('takes shares of requests and slowness in the weighted mode', async () => {
    const report = await replayIncidents({ ...OPTIONS, providers: ['one', 'two'], mode: 'weighted' });
    // An hour of both at a tenth each, of which ten minutes are only one's.
    expect(report.ceiling).toBeCloseTo(1 - (25 * 0.5 * 0.1 + 50 * 0.1 * 0.1) / MINUTES, 9);
    expect(Math.abs(report.gap.value), words(report)).toBeLessThan(GAP_TOLERANCE);
    const slow = await replayIncidents({ ...OPTIONS, providers: ['three'], mode: 'weighted', requests: 300 });
    expect(slow.ceiling).toBeCloseTo(1 - (20 * 0.1) / MINUTES, 9);
    expect(slow.lost).toBeLessThan(10);
  });

  it('adds brownouts that nobody announced, and says what they cost', async () => {
    const report = await replayIncidents({
      ...OPTIONS,
      providers: ['three'],
      requests: 300,
      brownoutsPerMonth: 60,
    });
    expect(report.announcedCeiling).toBeCloseTo(1 - 170 / MINUTES, 9);
    expect(report.ceiling).toBeLessThan(report.announcedCeiling - 0.001);
  });

  it('repeats itself: the same seed, the same report', async () => {
    const small = { ...OPTIONS, providers: ['one', 'two'], requests: 150 };
    const [first, second, other] = [
      await replayIncidents(small),
      await replayIncidents(small),
      await replayIncidents({ ...small, seed: 2 }),
    ];
    expect(second).toEqual(first);
    expect({ ...other, seed: 1 }).not.toEqual(first);
  });

  it.each<readonly [Partial<ReplayOptions>, string]>([
    [{ providers: ['won'] }, 'knows no service "won" (did you mean "one"'],
    [{ providers: ['one', 'one'] }, 'one is named twice'],
    [{ providers: [] }, 'at least one is needed'],
    [{ period: '2026-06' }, 'does not cover all of 2026-06'],
    [{ text: 'a,b\n1,2\n' }, 'made_2026-05.csv, line 1: this is no list of incidents'],
  ])('refuses %j', async (wrong, message) => {
    await expect(replayIncidents({ ...OPTIONS, ...wrong })).rejects.toThrow(message);
  });
});
