import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { reload } from '../../src/compose/gateway-control.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import type { Config } from '../../src/config/config.ts';
import { createWorld, type Sent, type World } from '../sim/world.ts';
import { head, say, scriptedTransport } from '../sim/scripted-transport.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const SIMULATED = {
  providers: { sim: { kind: 'simulated' }, spare: { kind: 'simulated' } },
  models: { chat: { targets: ['sim/gpt-4.1#slow:2000'] } },
  failover: { probes: false },
};

function configOf(world: World, value: Json): Config {
  return loadConfig({ type: 'value', value }, world.virtual.runtime.secrets).config;
}

function ask(world: World, model: string): Sent {
  return world.send({
    surface: 'chat',
    body: { model, messages: [{ role: 'user', content: 'Say hello' }] },
  });
}

async function over(world: World, ...all: readonly Sent[]): Promise<void> {
  expect(await world.virtual.clock.runUntil(() => all.every((sent) => sent.done()), 600_000)).toBe(true);
}

describe('a reload', () => {
  it('lets every request end on the configuration that it began with', async () => {
    const world = await createWorld({ seed: 1, config: SIMULATED });
    const before = ask(world, 'chat');
    await world.virtual.clock.advance(500);
    const { models: _gone, ...rest } = SIMULATED;
    await world.composed.reload(
      configOf(world, { ...rest, models: { other: { targets: ['spare/gpt-4.1'] } } }),
    );
    const [late, other] = [ask(world, 'chat'), ask(world, 'other')];
    await over(world, before, late, other);
    expect([before.sink.status, late.sink.status, other.sink.status]).toEqual([200, 404, 200]);
    expect(before.sink.headers.get('x-bellwether-provider')).toBe('sim');
  });

  it('with a bad configuration changes nothing at all, and says every problem', async () => {
    const world = await createWorld({ seed: 1, config: SIMULATED });
    const { snapshot } = world.composed.gateway;
    const { runtime } = world.virtual;
    const bad = { ...SIMULATED, models: { chat: { targets: ['nobody/x'] }, more: { targets: 7 } } };
    const outcome = await reload({
      composed: world.composed,
      reread: () => loadConfig({ type: 'value', value: bad }, runtime.secrets),
    });
    expect(outcome.type).toBe('refused');
    expect(world.composed.gateway.snapshot).toBe(snapshot);
    const sent = ask(world, 'chat');
    await over(world, sent);
    expect(sent.sink.status).toBe(200);
  });

  it('forgets nothing of how targets are doing where they stay the same', async () => {
    const config = {
      ...SIMULATED,
      models: {
        chat: { targets: ['sim/gpt-4.1#500'], fallbacks: ['rest'] },
        rest: { targets: ['spare/gpt-4.1'] },
      },
    };
    const world = await createWorld({ seed: 1, config });
    const first = Array.from({ length: 8 }, () => ask(world, 'chat'));
    await over(world, ...first);
    await world.composed.reload(
      configOf(world, {
        ...config,
        observe: { access_log: false },
        failover: { probes: false, resume: 'error' },
      }),
    );
    const after = ask(world, 'chat');
    await over(world, after);
    // The circuit is open still: the broken target is not asked.
    expect([after.sink.status, after.sink.headers.get('x-bellwether-attempts')]).toEqual([200, '1']);
    expect(after.sink.headers.get('x-bellwether-provider')).toBe('spare');
  });

  it('takes a new key of a provider for every request that comes after it', async () => {
    const answer = {
      id: 'x',
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
    };
    let world: World | null = null;
    const clock = () => {
      if (world === null) throw new Error('not made yet');
      return world.virtual.clock;
    };
    const transport = scriptedTransport(clock, [
      head(200, 'application/json'),
      say(JSON.stringify(answer)),
      { type: 'end' },
    ]);
    const config = (key: string) => ({
      providers: { openai: { kind: 'openai', key } },
      models: { chat: { targets: ['openai/gpt-4.1'] } },
      failover: { probes: false },
    });
    world = await createWorld({ seed: 1, config: config('env:PROVIDER_KEY'), transport });
    await over(world, ask(world, 'chat'));
    const next = loadConfig({ type: 'value', value: config('env:OTHER_KEY') }, { resolve: () => 'x' }).config;
    const { secrets } = world.virtual.runtime;
    const resolve = secrets.resolve.bind(secrets);
    Object.assign(secrets, {
      resolve: (reference: string) => (reference === 'env:OTHER_KEY' ? 'other-key' : resolve(reference)),
    });
    await world.composed.reload(next);
    await over(world, ask(world, 'chat'));
    const used = transport.calls.map(({ request }) => new Map(request.headers).get('authorization'));
    expect(used).toEqual(['Bearer provider-key', 'Bearer other-key']);
  });

  it('done a hundred times under traffic leaves no old view, no timer and nothing under way behind', async () => {
    const world = await createWorld({ seed: 1, config: SIMULATED });
    const views: WeakRef<object>[] = [];
    const timers = world.virtual.clock.timers;
    const sent: Sent[] = [];
    for (let n = 0; n < 100; n += 1) {
      sent.push(ask(world, 'chat'));
      await world.composed.reload(
        configOf(world, {
          ...SIMULATED,
          models: { ...SIMULATED.models, [`model-${n}`]: { targets: ['spare/gpt-4.1'] } },
        }),
      );
      views.push(new WeakRef(world.composed.gateway.snapshot));
      await world.virtual.clock.advance(10);
    }
    await over(world, ...sent);
    expect(sent.map(({ sink }) => sink.status)).toEqual(sent.map(() => 200));
    sent.length = 0;
    await world.virtual.clock.advance(1_000);
    expect(world.composed.gateway.inFlight).toBe(0);
    expect(world.virtual.clock.timers).toBeLessThanOrEqual(timers + 2);
    // Twice, with a turn between: what a weak reference was read from stays until the turn ends.
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      collectGarbage();
    }
    const alive = views.filter((view) => view.deref() !== undefined).length;
    expect(alive).toBeLessThanOrEqual(2);
  });
});
