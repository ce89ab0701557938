import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../src/simulator/faults/names.ts';
import { createWorld, type Sent, type World } from './world.ts';

const CLIENTS = 50;
const MINUTE_MS = 60_000;
const STEP_MS = 50;

async function worldOf(seed: number): Promise<World> {
  return createWorld({
    seed,
    config: {
      failover: { spare_share: 0 },
      providers: {
        primary: {
          kind: 'simulated',
          simulate: { like: 'openai', first_token_ms: 1_500, tokens_per_second: 200 },
        },
        spare: {
          kind: 'simulated',
          simulate: { like: 'anthropic', first_token_ms: 1_500, tokens_per_second: 200 },
        },
      },
      models: { m: { targets: ['primary/gpt-4.1', 'spare/claude-sonnet-4-5'] } },
    },
  });
}

/** A client that asks, reads, and asks again. */
class Client {
  readonly #made: World;
  readonly sent: Sent[] = [];

  constructor(made: World) {
    this.#made = made;
  }

  /** Asks again where the answer before is over. */
  goOn(): void {
    if (this.sent.at(-1)?.done() === false) return;
    const messages = [{ role: 'user', content: 'Say hello' }];
    this.sent.push(this.#made.send({ surface: 'chat', body: { model: 'm', stream: true, messages } }));
  }
}

async function live(made: World, clients: readonly Client[], ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    for (const client of clients) client.goOn();
    await made.virtual.clock.advance(STEP_MS);
  }
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

describe('an outage of a minute under fifty clients', () => {
  it.each(['500', 'reset', '529'])('costs the callers next to nothing: %s', async (name) => {
    const made = await worldOf(name.length);
    const clients = Array.from({ length: CLIENTS }, () => new Client(made));
    await live(made, clients, MINUTE_MS);
    const outageFromMs = made.virtual.clock.nowMs();
    const kind = faultNamed(name);
    made.composed.simulator.setFault('primary', kind === null ? null : { kind });
    await live(made, clients, MINUTE_MS);
    const outageToMs = made.virtual.clock.nowMs();
    made.composed.simulator.setFault('primary', null);
    await live(made, clients, 2 * MINUTE_MS);
    await made.virtual.clock.runUntil(
      () => clients.every(({ sent }) => sent.at(-1)?.done() ?? true),
      MINUTE_MS,
    );

    const finished = made.events.flatMap((event) => (event.type === 'request-finished' ? [event] : []));
    expect(finished.filter(({ error }) => error !== null)).toEqual([]);

    const within = finished.filter(
      ({ startedAtMs }) => startedAtMs >= outageFromMs && startedAtMs < outageToMs,
    );
    const atPrimary = within.flatMap(({ attempts }) =>
      attempts.filter(({ provider }) => provider === 'primary'),
    );
    expect(within.length).toBeGreaterThan(1_000);
    expect(atPrimary.length / within.length).toBeLessThanOrEqual(0.05);

    // What a caller waited before the call that answered was begun.
    const added = within.map(
      ({ startedAtMs, attempts }) => (attempts.at(-1)?.startedAtMs ?? 0) - startedAtMs,
    );
    expect(percentile(added, 0.99)).toBeLessThanOrEqual(50);

    const shareAt = (fromMs: number, toMs: number): number => {
      const then = finished.filter(
        ({ startedAtMs }) => startedAtMs >= outageToMs + fromMs && startedAtMs < outageToMs + toMs,
      );
      return then.filter(({ target }) => target === 'primary/gpt-4.1').length / then.length;
    };
    const shares = [0, 10, 20, 30, 40, 50, 60, 90].map((second) =>
      shareAt(second * 1_000, second * 1_000 + 10_000),
    );
    process.stdout.write(
      `outage (${name}): ${within.length} requests, ${atPrimary.length} tries at the primary, p99 added ${percentile(added, 0.99)} ms, ` +
        `share of the primary after it: ${shares.map((share) => share.toFixed(2)).join(' ')}\n`,
    );
    // Back within 30 s of the recovery, by a ramp and not by a jump, and wholly in the end.
    const back = finished.find(
      ({ startedAtMs, target }) => startedAtMs >= outageToMs && target === 'primary/gpt-4.1',
    );
    expect((back?.startedAtMs ?? Infinity) - outageToMs).toBeLessThanOrEqual(30_000);
    expect(shares.filter((share) => share > 0.02 && share < 0.98).length).toBeGreaterThanOrEqual(2);
    expect(shares.at(-1)).toBe(1);
  });
});
