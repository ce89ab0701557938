import type { KeyDesk, NewKey } from '../store/store.ts';
import { secretText } from './secret-text.ts';

type Environment = { readonly [name: string]: string | undefined };
type Role = NewKey['role'];

/** Keys that were made at this start. Their texts are shown once and are nowhere else. */
export interface FirstKeys {
  readonly admin: string | null;
  readonly inference: string | null;
}

/** What the start found out about keys before it listens. */
export interface KeyNeeds {
  /** Roles for which a key has to be made, because the installation has none yet. */
  readonly missing: readonly Role[];
}

const VARIABLES = { admin: 'BELLWETHER_ADMIN_KEY', inference: 'BELLWETHER_KEY' } as const satisfies {
  readonly [role in Role]: string;
};

/** Puts the keys that the environment gives in force; a weak one ends the start. To be done before requests can come. */
export async function adoptKeys(desk: KeyDesk, environment: Environment): Promise<KeyNeeds> {
  const fresh = (await desk.list()).length === 0;
  const missing: Role[] = [];
  for (const role of ['admin', 'inference'] as const) {
    const text = secretText(environment[VARIABLES[role]], VARIABLES[role]);
    if (text !== undefined) await desk.adopt(text, wanted(role, VARIABLES[role]));
    else if (fresh) missing.push(role);
  }
  return { missing };
}

/**
 * Makes the keys that are missing on the very first start. To be done once the server listens: a start that fails for its
 * port must not leave keys behind that nobody saw.
 */
export async function makeKeys(desk: KeyDesk, { missing }: KeyNeeds): Promise<FirstKeys> {
  const make = async (role: Role, name: string): Promise<string | null> =>
    missing.includes(role) ? (await desk.issue(wanted(role, name))).plain : null;
  return { admin: await make('admin', 'first admin key'), inference: await make('inference', 'first key') };
}

function wanted(role: Role, name: string): NewKey {
  return { role, name, models: null, directTargets: true, tags: [], expiresAtMs: null };
}
