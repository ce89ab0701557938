import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { faultNamed } from '../../src/simulator/faults/names.ts';
import type { RequestFinished } from '../../src/spec/event.ts';
import { createWorld, type Sent, type World } from './world.ts';

async function worldOf(hedge: Json): Promise<World> {
  return createWorld({
    seed: 5,
    config: {
      failover: { hedge, spare_share: 0 },
      providers: {
        slow: { kind: 'simulated', simulate: { like: 'openai' } },
        quick: { kind: 'simulated', simulate: { like: 'anthropic' } },
      },
      models: { m: { targets: ['slow/gpt-4.1', 'quick/claude-sonnet-4-5'] } },
    },
  });
}

function slow(made: World, provider: string, ms: number): void {
  const kind = faultNamed(`slow:${ms}`);
  made.composed.simulator.setFault(provider, kind === null ? null : { kind });
}

function ask(made: World, special: JsonObject = {}): Sent {
  const messages = [{ role: 'user', content: 'Count to 20, please.' }];
  return made.send({ surface: 'chat', body: { model: 'm', stream: true, messages, ...special } });
}

async function finished(made: World, sent: Sent): Promise<RequestFinished> {
  expect(await made.virtual.clock.runUntil(sent.done, 600_000)).toBe(true);
  const found = made.events.findLast((event) => event.type === 'request-finished');
  if (found?.type !== 'request-finished') throw new Error('the request never finished');
  return found;
}

const AFTER_A_SECOND = { after_ms: 1_000 };

describe('a request that is hedged', () => {
  for (const stream of [true, false]) {
    it(`is answered by whoever speaks first, and the other is cancelled and paid, ${stream ? 'streamed' : 'whole'}`, async () => {
      const made = await worldOf(AFTER_A_SECOND);
      slow(made, 'slow', 20_000);
      const sent = ask(made, { stream });
      const event = await finished(made, sent);
      expect(event).toMatchObject({ status: 200, target: 'quick/claude-sonnet-4-5', error: null });
      expect(event.attempts.map(({ purpose, outcome }) => [purpose, outcome.type])).toEqual([
        ['first', 'failed'],
        ['hedge', 'answered'],
      ]);
      expect(event.attempts[0]?.outcome).toMatchObject({ kind: 'hedge_lost', committed: false });
      expect(event.durationMs).toBeLessThan(10_000);
      expect(sent.sink.body).toContain('20');
      expect(sent.sink).toMatchObject({ begun: 1, spokeAfterEnd: false, ending: 'whole' });
      expect(made.composed.health.report(['slow/gpt-4.1'])).toMatchObject([
        { inFlight: 0, healthy: true, consecutiveFailures: 0 },
      ]);
    });
  }

  it('goes to one target only where that is quick enough', async () => {
    const made = await worldOf(AFTER_A_SECOND);
    const event = await finished(made, ask(made));
    expect(event.attempts).toMatchObject([{ target: 'slow/gpt-4.1', purpose: 'first' }]);
  });

  it('is answered by the first when the second is slower still', async () => {
    const made = await worldOf(AFTER_A_SECOND);
    slow(made, 'slow', 3_000);
    slow(made, 'quick', 30_000);
    const event = await finished(made, ask(made));
    expect(event.target).toBe('slow/gpt-4.1');
    expect(event.attempts.map(({ purpose }) => purpose)).toEqual(['hedge', 'first']);
    expect(event.attempts.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('goes on waiting for the first when the second fails', async () => {
    const made = await worldOf(AFTER_A_SECOND);
    slow(made, 'slow', 3_000);
    made.composed.simulator.setFault('quick', { kind: { type: 'status', error: 'internal' } });
    const sent = ask(made);
    const event = await finished(made, sent);
    expect(event).toMatchObject({ status: 200, target: 'slow/gpt-4.1' });
    expect(event.attempts).toMatchObject([
      { purpose: 'hedge', outcome: { kind: 'upstream_unavailable' } },
      { purpose: 'first', outcome: { type: 'answered' } },
    ]);
    expect(sent.sink.headers.get('x-bellwether-attempts')).toBe('2');
  });

  it('with tools is not hedged unless that is allowed', async () => {
    const tools = [
      { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ];
    for (const [hedge, attempts] of [
      [AFTER_A_SECOND, 1],
      [{ ...AFTER_A_SECOND, tools: true }, 2],
    ] as const) {
      const made = await worldOf(hedge);
      slow(made, 'slow', 5_000);
      expect((await finished(made, ask(made, { tools }))).attempts.length).toBe(attempts);
    }
  });

  it('is not hedged at a price above the ceiling', async () => {
    const made = await worldOf({ ...AFTER_A_SECOND, max_cost_usd: 0.000001 });
    slow(made, 'slow', 5_000);
    expect((await finished(made, ask(made))).attempts.length).toBe(1);
  });

  it('waits for what it has learned of the first target where no time is set', async () => {
    const made = await worldOf({});
    slow(made, 'slow', 5_000);
    expect((await finished(made, ask(made))).attempts.length).toBe(1);
    made.composed.simulator.setFault('slow', null);
    for (let index = 0; index < 30; index += 1) await finished(made, ask(made));
    slow(made, 'slow', 5_000);
    expect((await finished(made, ask(made))).attempts.map(({ purpose }) => purpose)).toContain('hedge');
  });

  it('does not hedge more than the retry budget allows', async () => {
    const made = await worldOf(AFTER_A_SECOND);
    slow(made, 'slow', 5_000);
    const sent = Array.from({ length: 50 }, () => ask(made));
    await made.virtual.clock.runUntil(() => sent.every(({ done }) => done()), 600_000);
    const hedges = made.events.filter(
      (event) => event.type === 'attempt-finished' && event.attempt.purpose === 'hedge',
    );
    expect(hedges.length).toBeGreaterThan(0);
    expect(hedges.length).toBeLessThanOrEqual(50 * 0.2 + 3);
  });

  it('cancels both when the client leaves', async () => {
    const made = await worldOf(AFTER_A_SECOND);
    slow(made, 'slow', 50_000);
    slow(made, 'quick', 50_000);
    const sent = ask(made);
    await made.virtual.clock.advance(2_000);
    sent.sink.leave();
    const event = await finished(made, sent);
    expect(event.attempts.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'client_closed' },
      { kind: 'client_closed' },
    ]);
    expect(made.virtual.clock.timers).toBe(0);
  });
});
