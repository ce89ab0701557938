import { hintOf, mintKey } from '../keys/key-format.ts';
import { weaknessOf } from '../keys/key-strength.ts';
import type { GatewayEvent, KeyChanged } from '../spec/event.ts';
import type { VirtualKey } from '../spec/identity.ts';
import type { Clock, Random } from '../spec/ports.ts';
import type { KeyDirectory } from './key-directory.ts';
import { StoreError } from './store-error.ts';
import type { KeyDesk, KeyStore, NewKey } from './store.ts';

export type { KeyDesk };

export interface KeyDeskOptions {
  readonly store: KeyStore;
  readonly directory: KeyDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly publish: (event: GatewayEvent) => void;
}

/** Opens the desk over a store and its directory. */
export function createKeyDesk({ store, directory, clock, random, publish }: KeyDeskOptions): KeyDesk {
  const told = (key: VirtualKey, change: KeyChanged['change']) => {
    directory.put(key);
    publish({ type: 'key-changed', atMs: clock.nowMs(), keyId: key.keyId, change });
    return key;
  };
  const create = async (plain: string, keyId: string, wanted: NewKey) => {
    const key: VirtualKey = {
      ...wanted,
      keyId,
      hash: directory.digestOf(plain),
      hint: hintOf(plain),
      createdAtMs: clock.nowMs(),
      revokedAtMs: null,
    };
    await store.create(key);
    return told(key, 'created');
  };
  const revoke = async (keyId: string) => {
    const key = await store.revoke(keyId, clock.nowMs());
    return key === null ? null : told(key, 'revoked');
  };
  return {
    revoke,
    list: () => store.list(),
    get: (keyId) => store.get(keyId),
    issue: async (wanted) => {
      const plain = mintKey(random, wanted.role);
      return { plain, key: await create(plain, `key_${random.hex(8)}`, wanted) };
    },
    update: async (keyId, change) => {
      const key = await store.update(keyId, change);
      return key === null ? null : told(key, 'updated');
    },
    adopt: async (plain, wanted) => {
      refuseWeak(plain, wanted.name);
      const { present, replaced } = adoptedBefore(await store.list(), directory.digestOf(plain), wanted);
      for (const old of replaced) await revoke(old.keyId);
      if (present === null) return create(plain, `${ADOPTED}${random.hex(8)}`, wanted);
      if (present.revokedAtMs !== null) throw revokedBefore(wanted.name);
      return present;
    },
  };
}

/** Ids of keys that the operator chose begin so. */
const ADOPTED = 'chosen_';

function adoptedBefore(keys: readonly VirtualKey[], digest: string, { name, role }: NewKey) {
  const present = keys.find((key) => key.hash === digest) ?? null;
  const replaced = keys.filter(
    (key) =>
      key.keyId.startsWith(ADOPTED) &&
      key.name === name &&
      key.role === role &&
      key.hash !== digest &&
      key.revokedAtMs === null,
  );
  return { present, replaced };
}

function refuseWeak(plain: string, name: string): void {
  const weakness = weaknessOf(plain);
  if (weakness === null) return;
  throw new StoreError(
    'rejected',
    `The key given in ${name} ${weakness}. Make a good one with: openssl rand -base64 30`,
  );
}

function revokedBefore(name: string): StoreError {
  return new StoreError(
    'rejected',
    `The key given in ${name} was revoked, which is for good. Choose another text.`,
  );
}
