import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordingLog } from '../testing/recording-log.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { GatewayEvent } from '../spec/event.ts';
import { createKeyDesk } from './key-desk.ts';
import { KeyDirectory } from './key-directory.ts';
import { memoryStores } from './memory/memory-stores.ts';
import type { KeyStore, NewKey } from './store.ts';
import { testCrypto, testRandom } from './testing/crypto.ts';

const wanted: NewKey = {
  name: 'Search',
  role: 'inference',
  models: ['gpt-4.1'],
  directTargets: false,
  tags: ['team:search'],
  expiresAtMs: null,
};

async function setUp(changes: { store?: KeyStore; refreshEveryMs?: number | null } = {}) {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const store = changes.store ?? memoryStores().keys;
  const events: GatewayEvent[] = [];
  const directory = new KeyDirectory({
    store,
    clock,
    log,
    crypto: testCrypto,
    pepper: 'pepper',
    refreshEveryMs: changes.refreshEveryMs ?? null,
  });
  await directory.load();
  const publish = (event: GatewayEvent) => void events.push(event);
  const desk = createKeyDesk({ store, directory, clock, random: testRandom, publish });
  return { clock, log, store, directory, desk, events };
}

describe('KeyDirectory', () => {
  it('knows the caller of a key as soon as it is issued, again and again', async () => {
    const { directory, desk, events } = await setUp();
    const { key, plain } = await desk.issue(wanted);
    const caller = {
      keyId: key.keyId,
      name: 'Search',
      role: 'inference',
      models: ['gpt-4.1'],
      directTargets: false,
      tags: ['team:search'],
    };
    for (let turn = 0; turn < 3; turn += 1) {
      expect(directory.identify(plain)).toEqual({ type: 'caller', caller });
    }
    expect(events).toMatchObject([{ type: 'key-changed', keyId: key.keyId, change: 'created' }]);
  });

  it('keeps nothing from which the key could be read', async () => {
    const { store, desk } = await setUp();
    const { plain } = await desk.issue(wanted);
    const kept = JSON.stringify(await store.list());
    for (let at = 8; at + 6 <= plain.length; at += 1) expect(kept).not.toContain(plain.slice(at, at + 6));
  });

  it.each([
    ['no key', undefined, 'missing', /Authorization: Bearer/],
    ['an empty key', '', 'missing', /missing/],
    ['an unknown text', 'sk-abcdef', 'unknown', /not known/],
    ['a cut key', 'bw_live_abc', 'malformed', /not copied whole/],
    ['a huge text', 'x'.repeat(1_000_000), 'malformed', /too long/],
  ])('refuses %s', async (_, presented, reason, message) => {
    const { directory, desk } = await setUp();
    await desk.issue(wanted);
    expect(directory.identify(presented)).toEqual({
      type: 'refused',
      reason,
      message: expect.stringMatching(message),
    });
  });

  it('accepts nothing but whole keys, whatever is presented', async () => {
    const { directory, desk } = await setUp();
    const { plain } = await desk.issue(wanted);
    expect(directory.identify(plain).type).toBe('caller');
    const near = fc
      .tuple(fc.nat(plain.length - 1), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([at, piece]) => plain.slice(0, at) + piece + plain.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        expect(directory.identify(text).type).toBe(text === plain ? 'caller' : 'refused');
      }),
    );
  });

  it('refuses a key from the moment it expires, also one that was just accepted', async () => {
    const { clock, directory, desk } = await setUp();
    const { plain } = await desk.issue({ ...wanted, expiresAtMs: clock.nowMs() + 10 });
    await clock.advance(9);
    expect(directory.identify(plain).type).toBe('caller');
    await clock.advance(1);
    expect(directory.identify(plain)).toMatchObject({ type: 'refused', reason: 'expired' });
  });

  it('refuses a revoked key at once, and forgets rights that were taken away', async () => {
    const { directory, desk, events } = await setUp();
    const { key, plain } = await desk.issue(wanted);
    directory.identify(plain);
    await desk.update(key.keyId, { models: [] });
    expect(directory.identify(plain)).toMatchObject({ caller: { models: [] } });
    await desk.update(key.keyId, { name: 'Renamed' });
    expect([directory.nameOf(key.keyId), directory.nameOf('nobody')]).toEqual(['Renamed', null]);
    await desk.revoke(key.keyId);
    expect(directory.identify(plain)).toMatchObject({ type: 'refused', reason: 'revoked' });
    expect(await desk.revoke('nobody')).toBeNull();
    expect(events.map((event) => event.type === 'key-changed' && event.change)).toEqual([
      'created',
      'updated',
      'updated',
      'revoked',
    ]);
  });

  it('learns of changes that another instance made', async () => {
    const { clock, directory, desk, store } = await setUp({ refreshEveryMs: 15_000 });
    const { key, plain } = await desk.issue(wanted);
    await store.revoke(key.keyId, 1);
    expect(directory.identify(plain).type).toBe('caller');
    await clock.advance(15_000);
    expect(directory.identify(plain)).toMatchObject({ reason: 'revoked' });
    directory.close();
    await clock.advance(100_000);
    expect(clock.timers).toBe(0);
  });

  it('keeps the last good state, and says so sparingly, while the store is dead', async () => {
    const store = memoryStores().keys;
    let dead = false;
    const mortal: KeyStore = {
      create: (key) => store.create(key),
      get: (keyId) => store.get(keyId),
      update: (keyId, change) => store.update(keyId, change),
      revoke: (keyId, atMs) => store.revoke(keyId, atMs),
      list: () => (dead ? Promise.reject(new Error('disk gone')) : store.list()),
    };
    const { clock, log, directory, desk } = await setUp({ store: mortal, refreshEveryMs: 1_000 });
    const { plain } = await desk.issue(wanted);
    dead = true;
    await clock.advance(9_000);
    expect(directory.identify(plain).type).toBe('caller');
    expect(log.lines.map((line) => line.fields['failures'])).toEqual([1, 2, 4, 8]);
  });

  it('does not bring back an old state when a key is revoked while the list is read', async () => {
    const store = memoryStores().keys;
    let beforeReturn: (() => Promise<unknown>) | null = null;
    const slow: KeyStore = {
      create: (key) => store.create(key),
      get: (keyId) => store.get(keyId),
      update: (keyId, change) => store.update(keyId, change),
      revoke: (keyId, atMs) => store.revoke(keyId, atMs),
      list: async () => {
        const keys = await store.list();
        const act = beforeReturn;
        beforeReturn = null;
        await act?.();
        return keys;
      },
    };
    const { directory, desk } = await setUp({ store: slow });
    const { key, plain } = await desk.issue(wanted);
    beforeReturn = () => desk.revoke(key.keyId);
    await directory.refresh();
    expect(directory.identify(plain)).toMatchObject({ reason: 'revoked' });
  });
});

describe('a key that the operator chose', () => {
  const named: NewKey = { ...wanted, name: 'BELLWETHER_ADMIN_KEY', role: 'admin' };
  const first = randomBytes(24).toString('base64url');
  const second = randomBytes(24).toString('base64url');

  it('is in force after every start, and once only', async () => {
    const { directory, desk, store } = await setUp();
    const key = await desk.adopt(first, named);
    expect(await desk.adopt(first, named)).toEqual(key);
    expect(await store.list()).toHaveLength(1);
    expect(directory.identify(first)).toMatchObject({ caller: { role: 'admin' } });
  });

  it('puts the one before it out of force, and no other', async () => {
    const { directory, desk } = await setUp();
    await desk.adopt(first, named);
    const issued = await desk.issue(named);
    await desk.adopt(second, named);
    expect(directory.identify(first)).toMatchObject({ reason: 'revoked' });
    expect(directory.identify(second).type).toBe('caller');
    expect(directory.identify(issued.plain).type).toBe('caller');
  });

  it('is refused where it is weak or was revoked', async () => {
    const { desk } = await setUp();
    await expect(desk.adopt('password', named)).rejects.toThrow(
      'The key given in BELLWETHER_ADMIN_KEY has 8 characters; at least 24 are needed.',
    );
    const key = await desk.adopt(first, named);
    await desk.revoke(key.keyId);
    await expect(desk.adopt(first, named)).rejects.toThrow(/was revoked, which is for good/);
  });
});
