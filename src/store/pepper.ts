import { readFileSync, writeFileSync } from 'node:fs';
import type { Crypto, Random } from '../spec/ports.ts';
import { StoreError } from './store-error.ts';
import type { SettingStore } from './store.ts';

export interface PepperOptions {
  /** File of the pepper, beside the database. */
  readonly path: string;
  readonly settings: SettingStore;
  readonly random: Random;
  readonly crypto: Crypto;
}

/**
 * The pepper: 32 random bytes under which the digests of virtual keys are made. It stands in a file of its own beside the
 * database (readable by its owner alone) and not inside, so that whoever can read or write the database, or gets hold of a
 * backup of it, can neither test guesses nor add a key of his own. The price is that a backup needs both files; the database
 * keeps a proof of the pepper it belongs to, so a forgotten file is an error with a name at the start and not a wall of
 * refused keys later.
 */
export async function openPepper({ path, settings, random, crypto }: PepperOptions): Promise<string> {
  const proof = await settings.get(PROOF);
  const pepper = readPepper(path) ?? (proof === null ? makePepper(path, random) : null);
  if (pepper === null) {
    throw new StoreError(
      'damaged',
      `The file ${path} is missing, without which no virtual key can be recognised. Restore it from the backup of the ` +
        'database, or start with an empty database.',
    );
  }
  const actual = crypto.hmac(pepper, PROOF);
  if (proof === null) await settings.set(PROOF, actual);
  else if (!crypto.equal(proof, actual)) {
    throw new StoreError(
      'damaged',
      `The file ${path} does not belong to this database. Restore both from the same backup.`,
    );
  }
  return pepper;
}

const PROOF = 'pepper-proof';
const FORM = /^[0-9a-f]{64}$/;

function makePepper(path: string, random: Random): string {
  const pepper = random.hex(32);
  // `wx`: never over a file that is there.
  writeFileSync(path, `${pepper}\n`, { mode: 0o600, flag: 'wx', flush: true });
  return pepper;
}

function readPepper(path: string): string | null {
  const text = readText(path);
  if (text === null) return null;
  const pepper = text.trim();
  if (FORM.test(pepper)) return pepper;
  throw new StoreError(
    'damaged',
    `The file ${path} is not the pepper of virtual keys: it must hold 64 hexadecimal digits. Restore it from a backup.`,
  );
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new StoreError('unavailable', `The file ${path} cannot be read. Check its permissions.`, error);
  }
}
