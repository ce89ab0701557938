import { describe, expect, it } from 'vitest';
import { textToBytes } from '../../src/base/bytes.ts';
import { composeGateway } from '../../src/compose/compose-gateway.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { RequestLog } from '../../src/observe/request-log.ts';
import { CHAT_COMPLETIONS } from '../../src/server/inference/surfaces.ts';
import { createKeyDesk } from '../../src/store/key-desk.ts';
import { KeyDirectory } from '../../src/store/key-directory.ts';
import type { NewKey } from '../../src/store/store.ts';
import { withTimeLimits } from '../../src/store/time-limit.ts';
import { RecordingSink, virtualRuntime } from '../../src/testing.ts';
import { faultyStores, STORE_FAULTS } from './faulty-stores.ts';

const CONFIG = {
  providers: { sim: { kind: 'simulated' } },
  models: { chat: { targets: ['sim/gpt-4.1'] } },
  failover: { probes: false },
};

const NEW_KEY: NewKey = {
  name: 'app',
  role: 'inference',
  models: null,
  directTargets: false,
  tags: [],
  expiresAtMs: null,
};

const MINUTE_MS = 60_000;

/** Everything that uses the store, put together as an instance does, on virtual time. */
async function gatewayOverStore() {
  const virtual = virtualRuntime({ seed: 7 });
  const { clock, crypto, log, random } = virtual.runtime;
  const faulty = faultyStores(clock);
  const stores = withTimeLimits(faulty.stores, { clock });
  const directory = new KeyDirectory({ store: stores.keys, crypto, clock, log, pepper: 'pepper' });
  await directory.load();
  const { config } = loadConfig({ type: 'value', value: CONFIG }, virtual.runtime.secrets);
  const composed = await composeGateway({
    config,
    runtime: virtual.runtime,
    keys: directory,
    answers: stores.answers,
  });
  const requestLog = new RequestLog({ store: stores.requests, clock, log });
  composed.bus.subscribe('request-log', requestLog.hear, { types: ['request-finished'] });
  const keys = createKeyDesk({ store: stores.keys, directory, clock, random, publish: () => {} });
  const { plain } = await keys.issue(NEW_KEY);
  let sent = 0;
  const ask = async (headers: { readonly [name: string]: string } = {}, key = plain) => {
    sent += 1;
    const sink = new RecordingSink();
    const given = new Map(Object.entries({ authorization: `Bearer ${key}`, ...headers }));
    const startMs = virtual.clock.monotonicMs();
    let done = false;
    const body = { model: 'chat', messages: [{ role: 'user', content: `Question ${sent}` }] };
    void composed.gateway
      .serve({
        surface: CHAT_COMPLETIONS,
        path: {},
        body: textToBytes(JSON.stringify(body)),
        client: { header: (name) => given.get(name) },
        sink,
      })
      .then(() => {
        done = true;
      });
    const inTime = await virtual.clock.runUntil(() => done, MINUTE_MS);
    return { status: inTime ? sink.status : null, ms: virtual.clock.monotonicMs() - startMs };
  };
  return { virtual, clock: virtual.clock, faulty, stores, directory, composed, requestLog, keys, ask };
}

type World = Awaited<ReturnType<typeof gatewayOverStore>>;

/** Ten minutes of traffic, a request every three seconds; every second one may be a repetition. */
async function traffic(world: World, key?: string) {
  const seen: Awaited<ReturnType<World['ask']>>[] = [];
  for (let n = 0; n < 200; n += 1) {
    seen.push(await world.ask(n % 2 === 0 ? {} : { 'idempotency-key': `k${n}` }, key));
    await world.clock.advance(3_000);
  }
  return seen;
}

describe.each(STORE_FAULTS)('a store that is %s', (fault) => {
  it('turns no valid key away, stops no traffic, and costs no time', async () => {
    const calm = await gatewayOverStore();
    const usual = await traffic(calm);
    const world = await gatewayOverStore();
    world.faulty.fault = fault;
    const seen = await traffic(world);
    expect(seen.map(({ status }) => status)).toEqual(usual.map(() => 200));
    const added = seen.map(({ ms }, n) => ms - (usual[n]?.ms ?? 0));
    // Without the header nothing waits for the store; with it, for 200 ms at most, and not every time.
    expect(Math.max(...added.filter((_, n) => n % 2 === 0))).toBe(0);
    expect(Math.max(...added)).toBeLessThanOrEqual(200);
    expect(world.composed.gateway.inFlight).toBe(0);
  });

  it('is told of now and then, not for every request, and what waits for it is bounded', async () => {
    const world = await gatewayOverStore();
    world.faulty.fault = fault;
    await traffic(world);
    const told = world.virtual.lines.filter(({ level }) => level === 'warn' || level === 'error');
    const counts = new Map<string, number>();
    for (const { message } of told) counts.set(message, (counts.get(message) ?? 0) + 1);
    // Counted failures are told at the first, second, fourth and so on.
    expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(8);
    expect(world.requestLog.waiting).toBeLessThanOrEqual(20_000);
    expect(world.clock.timers).toBeLessThan(20);
  });

  it('is used again by itself when it works again, with nothing lost that could wait', async () => {
    const world = await gatewayOverStore();
    world.faulty.fault = fault;
    await traffic(world);
    world.faulty.fault = null;
    await world.clock.advance(2 * MINUTE_MS);
    expect(world.requestLog.waiting).toBe(0);
    expect(await world.stores.health()).toBeNull();
    const page = await world.stores.requests.list({ filters: {}, cursor: null, limit: 1_000 });
    expect(page.rows).toHaveLength(200);
    // A key that came into the store beside this process is known after the next reading.
    const other = await gatewayOverStore();
    const issued = await other.keys.issue({ ...NEW_KEY, name: 'beside' });
    await world.stores.keys.create(issued.key);
    await world.clock.advance(MINUTE_MS);
    expect((await world.ask({}, issued.plain)).status).toBe(200);
  });

  it('lets the instance close in bounded time', async () => {
    const world = await gatewayOverStore();
    await world.ask({ 'idempotency-key': 'k' });
    world.faulty.fault = fault;
    let closed = false;
    void (async () => {
      await world.composed.answers.close();
      await world.requestLog.close();
      world.directory.close();
      await world.stores.close().catch(() => undefined);
      closed = true;
    })();
    expect(await world.clock.runUntil(() => closed, 2 * MINUTE_MS)).toBe(true);
  });

  it('tells its health in two seconds', async () => {
    const world = await gatewayOverStore();
    world.faulty.fault = fault;
    let told: string | null | undefined;
    void world.stores.health().then((problem) => {
      told = problem;
    });
    expect(await world.clock.runUntil(() => told !== undefined, 2_001)).toBe(true);
    // A full or locked store can still be read; the request log tells of the rest.
    expect(told === null).toBe(fault === 'full' || fault === 'locked');
  });
});

describe('keys while the store is dead', () => {
  it('stay as they were read last: valid ones valid, revoked ones revoked, expired ones expired', async () => {
    const world = await gatewayOverStore();
    const revoked = await world.keys.issue({ ...NEW_KEY, name: 'revoked' });
    await world.keys.revoke(revoked.key.keyId);
    const expiresAtMs = world.clock.nowMs() + MINUTE_MS;
    const expiring = await world.keys.issue({ ...NEW_KEY, name: 'expiring', expiresAtMs });
    world.faulty.fault = 'dead';
    expect((await world.ask({}, expiring.plain)).status).toBe(200);
    await world.clock.advance(10 * MINUTE_MS);
    expect((await world.ask()).status).toBe(200);
    expect((await world.ask({}, revoked.plain)).status).toBe(401);
    expect((await world.ask({}, expiring.plain)).status).toBe(401);
  });

  it('are not changed by an answer that comes after it was given up', async () => {
    const world = await gatewayOverStore();
    const issued = await world.keys.issue({ ...NEW_KEY, name: 'late' });
    let release: () => void = () => {};
    const list = world.stores.keys.list();
    const stale = await list;
    const slow = withTimeLimits(
      {
        ...world.faulty.stores,
        keys: {
          ...world.faulty.stores.keys,
          list: () =>
            new Promise((resolve) => {
              release = () => resolve(stale);
            }),
        },
      },
      { clock: world.clock },
    );
    const { crypto, log } = world.virtual.runtime;
    const directory = new KeyDirectory({
      store: slow.keys,
      crypto,
      clock: world.clock,
      log,
      pepper: 'pepper',
    });
    directory.put(issued.key);
    const refreshing = directory.refresh();
    await world.clock.advance(31_000);
    await refreshing;
    directory.put({ ...issued.key, revokedAtMs: 1 });
    release();
    await world.clock.advance(1);
    expect(directory.identify(issued.plain)).toMatchObject({ type: 'refused', reason: 'revoked' });
  });
});

describe('a start', () => {
  it.each(['dead', 'throwing', 'hanging'] as const)(
    'over a store that is %s ends with its reason, in bounded time, instead of serving nobody',
    async (fault) => {
      const { runtime, clock } = virtualRuntime();
      const faulty = faultyStores(clock);
      faulty.fault = fault;
      const stores = withTimeLimits(faulty.stores, { clock });
      const { crypto, log } = runtime;
      const directory = new KeyDirectory({ store: stores.keys, crypto, clock, log, pepper: 'pepper' });
      let failed: unknown = null;
      void directory.load().catch((error: unknown) => {
        failed = error;
      });
      expect(await clock.runUntil(() => failed !== null, MINUTE_MS)).toBe(true);
      expect(failed).toBeInstanceOf(Error);
    },
  );

  it('over a store that is slow waits for the keys', async () => {
    const { runtime, clock } = virtualRuntime();
    const faulty = faultyStores(clock);
    faulty.fault = 'slow';
    const { crypto, log } = runtime;
    const stores = withTimeLimits(faulty.stores, { clock });
    const directory = new KeyDirectory({ store: stores.keys, crypto, clock, log, pepper: 'pepper' });
    let loaded = false;
    void directory.load().then(() => {
      loaded = true;
    });
    expect(await clock.runUntil(() => loaded, 11_000)).toBe(true);
  });
});
