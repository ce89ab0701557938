import { describe, expect, it } from 'vitest';
import { DEFAULT_MODEL_FAILOVER, type FailoverConfig, type ProbesConfig } from '../config/config.ts';
import type { GatewayEvent } from '../spec/event.ts';
import type { CallResult } from '../spec/health.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { HealthBook } from './health-book.ts';
import { HealthMonitor } from './monitor.ts';

const PROBES: ProbesConfig = { everyMs: 60_000, timeoutMs: 10_000, failuresDown: 3, retryMs: 300_000 };
const CONFIG: FailoverConfig = {
  ...DEFAULT_MODEL_FAILOVER,
  breaker: {
    consecutiveFailures: 5,
    failureShare: 0.2,
    minRequests: 20,
    windowMs: 30_000,
    openMs: 5_000,
    openMaxMs: 120_000,
    closeAfterSuccesses: 3,
    rampMs: 30_000,
  },
  retryBudget: { share: 0.2, minimum: 3 },
  concurrency: null,
  probes: PROBES,
  clientKeepAliveMs: 15_000,
};
const ANSWERED: CallResult = { type: 'answered', firstTokenMs: null, durationMs: 5, outputTokens: null };
const BROKEN: CallResult = {
  type: 'failed',
  kind: 'upstream_unavailable',
  message: 'it is down',
  retryAfterMs: null,
};

function watched(config: () => ProbesConfig | null = () => PROBES) {
  const clock = new VirtualClock();
  const events: GatewayEvent[] = [];
  const asked: { readonly target: string; readonly atMs: number; readonly keyIndex: number }[] = [];
  const book = new HealthBook({
    clock,
    random: seededRandom(1),
    config: CONFIG,
    publish: (event) => void events.push(event),
  });
  const answers = new Map<string, CallResult>();
  const beganMs = clock.nowMs();
  const monitor = new HealthMonitor({
    clock,
    config,
    targets: () => [
      { target: 'one/a', keyCount: 1 },
      { target: 'two/b', keyCount: 2 },
    ],
    report: (target) => book.report([target])[0]!,
    probe: async (target, keyIndex) => {
      asked.push({ target, atMs: clock.nowMs() - beganMs, keyIndex });
      return answers.get(target) ?? ANSWERED;
    },
    probed: (target, keyIndex, result) => book.probed(target, keyIndex, result),
  });
  monitor.start();
  return { clock, events, asked, answers, book, monitor };
}

describe('the health monitor', () => {
  it('asks an idle target once in a while, with its keys in turn', async () => {
    const { clock, asked, monitor } = watched();
    await clock.advance(185_000);
    expect(asked.filter(({ target }) => target === 'one/a').map(({ atMs }) => atMs)).toEqual([
      60_000, 120_000, 180_000,
    ]);
    expect(asked.filter(({ target }) => target === 'two/b').map(({ keyIndex }) => keyIndex)).toEqual([
      0, 1, 0,
    ]);
    monitor.stop();
    await clock.advance(600_000);
    expect(asked.length).toBe(6);
    expect(clock.timers).toBe(0);
  });

  it('leaves a target with traffic alone', async () => {
    const { clock, asked, book, monitor } = watched();
    for (let second = 0; second < 300; second += 20) {
      book.begin('one/a', 0, 'first').end({ ...ANSWERED, outputTokens: 3 });
      await clock.advance(20_000);
    }
    expect(asked.filter(({ target }) => target === 'one/a')).toEqual([]);
    monitor.stop();
  });

  it('takes a target for down after three failures, asks it every five minutes, and tells when it is back', async () => {
    const { clock, asked, answers, events, book, monitor } = watched();
    answers.set('one/a', BROKEN);
    await clock.advance(200_000);
    expect(events.filter(({ type }) => type === 'target-down')).toMatchObject([
      { target: 'one/a', consecutiveFailures: 3, lastError: expect.stringContaining('it is down') },
    ]);
    expect(book.report(['one/a'])).toMatchObject([{ healthy: false, consecutiveFailures: 3 }]);
    await clock.advance(600_000);
    const times = asked.filter(({ target }) => target === 'one/a').map(({ atMs }) => atMs);
    expect(times).toEqual([60_000, 120_000, 180_000, 480_000, 780_000]);
    answers.set('one/a', ANSWERED);
    await clock.advance(300_000);
    expect(events.filter(({ type }) => type === 'target-recovered')).toMatchObject([{ target: 'one/a' }]);
    expect(book.report(['one/a'])).toMatchObject([{ healthy: true, consecutiveFailures: 0 }]);
    monitor.stop();
  });

  it('goes on asking when the clock of the wall was set back', async () => {
    const { clock, asked, monitor } = watched();
    await clock.advance(65_000);
    clock.stepWall(-86_400_000);
    await clock.advance(120_000);
    expect(asked.filter(({ target }) => target === 'one/a').length).toBe(3);
    monitor.stop();
  });

  it('asks nobody while probes are off, and begins when a reload turns them on', async () => {
    let on = false;
    const { clock, asked, monitor } = watched(() => (on ? PROBES : null));
    await clock.advance(300_000);
    expect(asked).toEqual([]);
    on = true;
    await clock.advance(60_000);
    expect(asked.length).toBeGreaterThan(0);
    monitor.stop();
  });
});
