import { describe, expect, it } from 'vitest';
import {
  CLOSED,
  RAMP_START,
  shareOf,
  stepped,
  wantsProbe,
  type CallRole,
  type Circuit,
  type CircuitEvent,
} from './breaker.ts';
import { FAILOVER } from './testing/fixture.ts';

const { breaker: CONFIG } = FAILOVER;

function run(circuit: Circuit, ...events: CircuitEvent[]): Circuit {
  return events.reduce((state, event) => stepped(state, event, CONFIG), circuit);
}

function fail(circuit: Circuit, atMs: number, role: CallRole = 'ordinary', chance = 0): Circuit {
  return run(circuit, { type: 'failed', atMs, epoch: circuit.epoch, role, chance });
}

function succeed(circuit: Circuit, atMs: number, role: CallRole = 'ordinary'): Circuit {
  return run(circuit, { type: 'succeeded', atMs, epoch: circuit.epoch, role });
}

function failTimes(circuit: Circuit, times: number, atMs: number): Circuit {
  let state = circuit;
  for (let n = 0; n < times; n += 1) state = fail(state, atMs);
  return state;
}

function probed(circuit: Circuit, atMs: number, passes: boolean): Circuit {
  const begun = run(circuit, { type: 'begun', passedBy: 0, atMs });
  return passes ? succeed(begun, atMs, 'probe') : fail(begun, atMs, 'probe');
}

describe('the circuit breaker', () => {
  it('stays closed while a success stands between the failures, and few failures among many calls', () => {
    let state: Circuit = CLOSED;
    for (let n = 0; n < 400; n += 1) state = n % 6 === 5 ? fail(state, n * 100) : succeed(state, n * 100);
    expect(state.type).toBe('closed');
  });

  it('opens on a fifth of failures once twenty calls are in the window, however they are mixed', () => {
    let state: Circuit = CLOSED;
    let calls = 0;
    while (state.type === 'closed' && calls < 100) {
      calls += 1;
      state = calls % 5 === 0 ? fail(state, calls * 1_000) : succeed(state, calls * 1_000);
    }
    expect(state).toMatchObject({ type: 'open', reason: '4 of 20 calls failed' });
  });

  it('lets a call find out after half a minute where failures come at once and many have passed by', () => {
    const blow = { type: 'failed', epoch: 0, role: 'ordinary', chance: 0, fast: true } as const;
    let state = run({ ...CLOSED, trips: 6, sinceMs: 0 }, { ...blow, atMs: 1 });
    for (let n = 0; n < 4; n += 1) state = run(state, { ...blow, atMs: 1 });
    expect(state).toMatchObject({ type: 'open', untilMs: 120_001, earliestMs: 30_001 });
    expect(wantsProbe(state, 30_001, 20)).toBe(true);
    expect(wantsProbe(state, 30_000, 1_000)).toBe(false);
    // Where hardly anybody asks, a probe would be a large part of the calls.
    expect(wantsProbe(state, 30_001, 19)).toBe(false);
    expect(wantsProbe(state, 120_001, 0)).toBe(true);
  });

  it('doubles the time of each opening up to the longest, less a jitter of up to a fifth', () => {
    let state = failTimes(CLOSED, 5, 0);
    const lengths: number[] = [];
    let atMs = 0;
    for (let n = 0; n < 7; n += 1) {
      if (state.type !== 'open') throw new Error(`it is ${state.type}`);
      lengths.push(state.untilMs - atMs);
      atMs = state.untilMs;
      state = probed(state, atMs, false);
    }
    expect(lengths).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
    const jittered = fail(failTimes(CLOSED, 4, 0), 0, 'ordinary', 0.999);
    expect(jittered.type === 'open' && jittered.untilMs).toBeCloseTo(4_001, 0);
  });

  it.each([
    { name: 'soon after it closed', quietMs: 119_999, openMs: 10_000 },
    { name: 'after it was well for as long as it could be open', quietMs: 120_000, openMs: 5_000 },
  ])('opens $name for $openMs ms', ({ quietMs, openMs }) => {
    let state: Circuit = failTimes(CLOSED, 5, 0);
    for (let n = 0; n < 3; n += 1) state = probed(state, 5_000, true);
    expect(state.type).toBe('recovering');
    const atMs = 5_000 + quietMs;
    state = failTimes(state, 5, atMs);
    expect(state).toMatchObject({ type: 'open', untilMs: atMs + openMs });
  });

  it('asks for successes of probes in a row: one failure begins an open time again', () => {
    let state: Circuit = failTimes(CLOSED, 5, 0);
    state = probed(probed(state, 5_000, true), 5_000, true);
    expect(state).toMatchObject({ type: 'half-open', successes: 2 });
    state = probed(state, 5_000, false);
    expect(state).toMatchObject({ type: 'open', trips: 2, reason: 'a probe failed' });
  });

  it('is not lengthened by what was begun before it opened, nor by calls that are made all the same', () => {
    const open = failTimes(CLOSED, 5, 0);
    expect(run(open, { type: 'failed', atMs: 1, epoch: 0, role: 'ordinary', chance: 0 })).toBe(open);
    expect(fail(open, 2)).toBe(open);
    expect(succeed(open, 3)).toBe(open);
  });

  it('does not count, once it recovers, what was begun before', () => {
    const open = failTimes(CLOSED, 5, 0);
    let state = open;
    for (let n = 0; n < 3; n += 1) state = probed(state, 5_000, true);
    for (const epoch of [0, open.epoch])
      for (let n = 0; n < 50; n += 1)
        state = run(state, { type: 'failed', atMs: 6_000, epoch, role: 'ordinary', chance: 0 });
    expect(state).toMatchObject({ type: 'recovering', consecutive: 0 });
  });

  it('counts a probe that spoke, closed the circuit, and broke off', () => {
    let state = failTimes(CLOSED, 5, 0);
    for (let n = 0; n < 2; n += 1) state = probed(state, 5_000, true);
    const begun = run(state, { type: 'begun', passedBy: 0, atMs: 5_000 });
    state = succeed(begun, 5_000, 'probe');
    state = run(state, { type: 'failed', atMs: 5_100, epoch: begun.epoch, role: 'spoke', chance: 0 });
    expect(state).toMatchObject({ type: 'recovering', consecutive: 1 });
  });

  it('leaves it to the probe in the slot where one that spoke breaks off', () => {
    const open = failTimes(CLOSED, 5, 0);
    const first = run(open, { type: 'begun', passedBy: 0, atMs: 5_000 });
    const spoke = succeed(first, 5_100, 'probe');
    expect(spoke).toMatchObject({ type: 'half-open', probing: false, successes: 1 });
    expect(fail(spoke, 5_200, 'spoke')).toMatchObject({ type: 'open', trips: 2 });
    const second = run(spoke, { type: 'begun', passedBy: 0, atMs: 5_150 });
    const left = fail(second, 5_200, 'spoke');
    expect(left).toMatchObject({ type: 'half-open', probing: true, successes: 0 });
    expect(run(left, { type: 'released', epoch: left.epoch, role: 'spoke' })).toBe(left);
    expect(fail(left, 5_300, 'probe')).toMatchObject({ type: 'open', trips: 2 });
  });

  it('does not hear of a probe of an earlier time that breaks off', () => {
    const early = run(failTimes(CLOSED, 5, 0), { type: 'begun', passedBy: 0, atMs: 5_000 });
    let state = succeed(early, 5_100, 'probe');
    state = probed(state, 5_200, false);
    state = probed(state, 15_200, true);
    expect(state).toMatchObject({ type: 'half-open', probing: false, successes: 1 });
    const late: CircuitEvent = { type: 'failed', atMs: 15_300, epoch: early.epoch, role: 'spoke', chance: 0 };
    expect(run(state, late)).toBe(state);
  });

  it('opens again while it recovers', () => {
    let state = failTimes(CLOSED, 5, 0);
    for (let n = 0; n < 3; n += 1) state = probed(state, 5_000, true);
    expect(failTimes(state, 5, 6_000)).toMatchObject({ type: 'open', trips: 2, untilMs: 16_000 });
  });

  it('lets one probe at a time through', () => {
    const open = failTimes(CLOSED, 5, 0);
    expect(wantsProbe(open, 4_999, 0)).toBe(false);
    expect(wantsProbe(open, 5_000, 0)).toBe(true);
    const begun = run(open, { type: 'begun', passedBy: 0, atMs: 5_000 });
    expect(wantsProbe(begun, 1e12, 1_000)).toBe(false);
    expect(run(begun, { type: 'begun', passedBy: 0, atMs: 6_000 })).toBe(begun);
    // Given up by a call that is not the probe, and by the one that is.
    expect(run(begun, { type: 'released', epoch: begun.epoch, role: 'ordinary' })).toBe(begun);
    expect(run(begun, { type: 'released', epoch: begun.epoch - 1, role: 'probe' })).toBe(begun);
    expect(wantsProbe(run(begun, { type: 'released', epoch: begun.epoch, role: 'probe' }), 6_000, 0)).toBe(
      true,
    );
  });

  it('ramps from a tenth to all', () => {
    let state = failTimes(CLOSED, 5, 0);
    expect(shareOf(state, 0, CONFIG)).toBe(0);
    for (let n = 0; n < 3; n += 1) state = probed(state, 5_000, true);
    expect(shareOf(state, 5_000, CONFIG)).toBe(RAMP_START);
    expect(shareOf(state, 20_000, CONFIG)).toBeCloseTo(0.55);
    expect(shareOf(state, 35_000, CONFIG)).toBe(1);
    expect(succeed(state, 35_000)).toMatchObject({ type: 'closed', reason: 'the ramp is over' });
  });

  it('obeys the health monitor: a passing check recovers it, a verdict opens it once', () => {
    const open = failTimes(CLOSED, 5, 0);
    const recovering = run(open, { type: 'check-passed', atMs: 10 });
    expect(recovering).toMatchObject({ type: 'recovering', sinceMs: 10 });
    const condemned = run(CLOSED, { type: 'condemned', atMs: 0, chance: 0 });
    expect(condemned).toMatchObject({ type: 'open', untilMs: 5_000 });
    expect(run(condemned, { type: 'condemned', atMs: 4_000, chance: 0 })).toBe(condemned);
    expect(run(failTimes(CLOSED, 4, 0), { type: 'check-passed', atMs: 1 })).toMatchObject({ consecutive: 0 });
  });
});
