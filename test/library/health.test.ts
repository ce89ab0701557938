import { afterEach, describe, expect, it } from 'vitest';
import { createGateway, type GatewayEvent, type LibraryGateway } from '../../src/index.ts';

const quick = (like: string) => ({
  kind: 'simulated',
  simulate: { like, first_token_ms: 0, tokens_per_second: 10_000 },
});
const CONFIG = {
  providers: { first: quick('openai'), second: quick('anthropic') },
  models: {
    both: { targets: ['first/gpt-4.1', 'second/claude-sonnet-4-5'] },
    one: { targets: ['first/gpt-4.1'] },
  },
};
const MESSAGES = [{ role: 'user', content: 'Say hello' }] as const;

let gateway: LibraryGateway | null = null;
afterEach(async () => {
  await gateway?.close();
  gateway = null;
});

/** What a test waits for, by its own events and never by a pause. */
type Type = GatewayEvent['type'];
function next<T extends Type>(made: LibraryGateway, type: T): Promise<Extract<GatewayEvent, { type: T }>> {
  return new Promise((resolve) => {
    const stop = made.on(type, (event) => {
      stop();
      resolve(event);
    });
  });
}

describe('the health of targets in the library', () => {
  it('is told by probes alone, where nobody calls: down, and back', async () => {
    const probes = { every_ms: 60, retry_ms: 60, failures_down: 2 };
    gateway = await createGateway({ config: { ...CONFIG, failover: { probes } }, log: { level: 'silent' } });
    const [down, opened] = [next(gateway, 'target-down'), next(gateway, 'circuit-changed')];
    gateway.simulator.setFault('first', { kind: { type: 'down' } });
    expect(await down).toEqual({
      type: 'target-down',
      atMs: expect.any(Number),
      target: 'first/gpt-4.1',
      consecutiveFailures: 2,
      lastError: expect.stringContaining('upstream_unavailable'),
    });
    expect(await opened).toMatchObject({ target: 'first/gpt-4.1', from: 'closed', to: 'open' });
    expect(gateway.health()).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      status: 'degraded',
      healthy: 1,
      total: 2,
      summary: '1/2 models healthy',
      models: [
        { model: 'both', healthy: true },
        {
          model: 'one',
          healthy: false,
          targets: [{ target: 'first/gpt-4.1', healthy: false, state: 'open' }],
        },
      ],
    });
    const back = next(gateway, 'target-recovered');
    gateway.simulator.setFault('first', null);
    expect(await back).toMatchObject({ target: 'first/gpt-4.1' });
    expect((await back).downMs).toBeGreaterThan(0);
    expect(gateway.health()).toMatchObject({ status: 'healthy', summary: '2/2 models healthy' });
  });

  it('is told by live traffic, and nobody who is told too late can hurt a request', async () => {
    const failover = { probes: false, breaker: { consecutive_failures: 2 }, spare_share: 0 } as const;
    gateway = await createGateway({ config: { ...CONFIG, failover }, log: { level: 'silent' } });
    expect(gateway.health()).toMatchObject({ summary: '2/2 models healthy' });
    const told: string[] = [];
    gateway.on('circuit-changed', ({ target, to }) => {
      told.push(`${target} ${to}`);
      throw new Error('a listener of the user is broken');
    });
    gateway.on('target-down', ({ target }) => void told.push(`${target} down`));
    gateway.simulator.setFault('first', { kind: { type: 'down' } });
    for (let turn = 0; turn < 3; turn += 1)
      expect((await gateway.chat({ model: 'both', messages: MESSAGES })).meta.provider).toBe('second');
    expect(told).toEqual(['first/gpt-4.1 open', 'first/gpt-4.1 down']);
    const [both, one] = gateway.health().models;
    expect(both).toMatchObject({ model: 'both', healthy: true, consecutiveFailures: 0 });
    expect(both?.targets.map((each) => [each.target, each.healthy])).toEqual([
      ['first/gpt-4.1', false],
      ['second/claude-sonnet-4-5', true],
    ]);
    expect(one).toMatchObject({ model: 'one', healthy: false, consecutiveFailures: 2 });
    expect(Date.parse(one?.lastCheck ?? '')).toBeGreaterThan(Date.now() - 60_000);
  });
});
