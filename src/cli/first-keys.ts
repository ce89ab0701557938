import { readFileSync } from 'node:fs';
import type { KeyDesk } from '../store/key-desk.ts';

/** Keys that were made at this start. Their texts are shown once and are nowhere else. */
export interface FirstKeys {
  readonly admin: string | null;
  readonly inference: string | null;
}

/**
 * Makes sure that the gateway can be used at all: keys that the environment gives are put in force; on the very first
 * start, without such keys, an admin key and a virtual key are made.
 */
export async function firstKeys(
  desk: KeyDesk,
  environment: { readonly [name: string]: string | undefined },
): Promise<FirstKeys> {
  const given = {
    admin: environment['BELLWETHER_ADMIN_KEY'],
    inference: environment['BELLWETHER_KEY'],
  };
  const fresh = (await desk.list()).length === 0;
  return {
    admin: await one(desk, 'admin', given.admin, fresh),
    inference: await one(desk, 'inference', given.inference, fresh),
  };
}

// oxlint-disable-next-line max-params -- which key, its given text and whether one must be made
async function one(
  desk: KeyDesk,
  role: 'admin' | 'inference',
  given: string | undefined,
  fresh: boolean,
): Promise<string | null> {
  const name = role === 'admin' ? 'BELLWETHER_ADMIN_KEY' : 'BELLWETHER_KEY';
  const rights = { role, models: null, directTargets: true, tags: [], expiresAtMs: null } as const;
  if (given !== undefined && given !== '') {
    await desk.adopt(textOf(given), { ...rights, name });
    return null;
  }
  if (!fresh) return null;
  const { plain } = await desk.issue({ ...rights, name: role === 'admin' ? 'first admin key' : 'first key' });
  return plain;
}

function textOf(given: string): string {
  return given.startsWith('file:') ? readFileSync(given.slice('file:'.length), 'utf8').trim() : given;
}
