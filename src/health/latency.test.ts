import { describe, expect, it } from 'vitest';
import { Latency } from './latency.ts';

const START_MS = 5_000;

describe('what a target usually does', () => {
  it('is unknown under twenty answers', () => {
    const latency = new Latency(START_MS);
    for (let n = 0; n < 19; n += 1) latency.firstToken(400, START_MS);
    expect(latency.baseline()).toBeNull();
    latency.firstToken(400, START_MS);
    const baseline = latency.baseline();
    expect(baseline).toMatchObject({ samples: 20, tokensPerSecond: null });
    expect((baseline?.firstTokenP50Ms ?? 0) / 400).toBeCloseTo(1, 1);
  });

  it('is worked out anew with every sixteenth answer, not for every question', () => {
    const latency = new Latency(START_MS);
    for (let n = 0; n < 20; n += 1) latency.firstToken(400, START_MS);
    const first = latency.baseline();
    latency.firstToken(400, START_MS);
    expect(latency.baseline()).toBe(first);
    for (let n = 0; n < 15; n += 1) latency.firstToken(400, START_MS);
    expect(latency.baseline()).toMatchObject({ samples: 36 });
  });

  it('follows a target that has changed, and outlives a quiet time', () => {
    const latency = new Latency(START_MS);
    let nowMs = START_MS;
    for (let n = 0; n < 10_000; n += 1) latency.firstToken(300, nowMs);
    for (let minute = 0; minute < 30; minute += 1) {
      nowMs += 60_000;
      for (let n = 0; n < 20; n += 1) latency.firstToken(3_000, nowMs);
    }
    expect(latency.baseline()?.firstTokenP50Ms).toBeGreaterThan(2_700);
    nowMs += 7 * 86_400_000;
    latency.firstToken(3_000, nowMs);
    expect(latency.baseline()).not.toBeNull();
  });

  it('has a median speed, of answers long enough to have one', () => {
    const latency = new Latency(START_MS);
    for (let n = 0; n < 20; n += 1) {
      latency.firstToken(400, START_MS);
      latency.streamed(7, 1);
      latency.streamed(100, 0);
      latency.streamed(500, 10_000);
    }
    expect((latency.baseline()?.tokensPerSecond ?? 0) / 50).toBeCloseTo(1, 1);
  });
});

describe('the peak-EWMA cost', () => {
  it('believes a peak at once and better times by and by', () => {
    const latency = new Latency(START_MS);
    latency.firstToken(200, START_MS);
    expect(latency.costMs(START_MS)).toBe(200);
    latency.firstToken(2_000, START_MS + 1);
    expect(latency.costMs(START_MS + 1)).toBe(2_000);
    latency.firstToken(200, START_MS + 1_001);
    expect(latency.costMs(START_MS + 1_001)).toBeCloseTo(200 + 1_800 * Math.exp(-0.1), 6);
  });

  it('decays to nothing where nobody calls', () => {
    const latency = new Latency(START_MS);
    latency.firstToken(1_000, START_MS);
    expect(latency.costMs(START_MS + 10_000)).toBeCloseTo(1_000 / Math.E, 6);
    expect(latency.costMs(START_MS + 200_000)).toBeLessThan(0.001);
  });
});
