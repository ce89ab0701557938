import type { KeyRole } from '../spec/identity.ts';
import type { Random } from '../spec/ports.ts';
import { BASE62, CHECKSUM_LENGTH, checksumOf } from './checksum.ts';

/**
 * The form of a virtual key: `bw_live_` or `bw_admin_`, 32 base62 characters of chance (190 bits) and 6 of checksum. The
 * underscores let a double click select all of it, the prefix and the checksum let secret scanners and us tell a real key
 * from a typo without a lookup.
 */
const KEY_PREFIXES = { inference: 'bw_live_', admin: 'bw_admin_' } as const satisfies Record<KeyRole, string>;

/** Length of the part of a key that is chance. */
const KEY_SECRET_LENGTH = 32;

/** Makes a new key of a role from cryptographic chance. */
export function mintKey(random: Random, role: KeyRole): string {
  const stem = KEY_PREFIXES[role] + randomBase62(random, KEY_SECRET_LENGTH);
  return stem + checksumOf(stem);
}

/** What a text is by its form alone. `other` may still be a key that the operator chose himself. */
export type KeyForm =
  | { readonly type: 'key'; readonly role: KeyRole }
  | { readonly type: 'typo'; readonly reason: string }
  | { readonly type: 'other' };

/** Tells whether a text has the form of a key, is one with a mistake in it, or is something else. */
export function looksLikeKey(text: string): KeyForm {
  const role = roleByPrefix(text);
  if (role === null) return text.startsWith('bw_') ? typo('its prefix is not one of this gateway') : OTHER;
  const expected = KEY_PREFIXES[role].length + KEY_SECRET_LENGTH + CHECKSUM_LENGTH;
  if (text.length !== expected) {
    return typo(`it has ${text.length} characters where a key has ${expected}; it was not copied whole`);
  }
  const stem = text.slice(0, -CHECKSUM_LENGTH);
  if (checksumOf(stem) !== text.slice(-CHECKSUM_LENGTH)) {
    return typo('its checksum does not fit; a character was changed');
  }
  return { type: 'key', role };
}

/** First and last characters of a key for people to recognise it by: `bw_live_3fK…x9Qz`. Tells nothing that helps to guess it. */
export function hintOf(key: string): string {
  const role = roleByPrefix(key);
  const shown = role === null ? 3 : KEY_PREFIXES[role].length + 3;
  return `${key.slice(0, shown)}…${key.slice(-4)}`;
}

const OTHER: KeyForm = { type: 'other' };

function typo(reason: string): KeyForm {
  return { type: 'typo', reason };
}

function roleByPrefix(text: string): KeyRole | null {
  if (text.startsWith(KEY_PREFIXES.inference)) return 'inference';
  if (text.startsWith(KEY_PREFIXES.admin)) return 'admin';
  return null;
}

// Bytes of 248 and more are thrown away: 248 is a multiple of 62, so every digit stays equally likely.
function randomBase62(random: Random, length: number): string {
  let digits = '';
  while (digits.length < length) {
    const hex = random.hex(length);
    for (let i = 0; i < hex.length && digits.length < length; i += 2) {
      const byte = Number.parseInt(hex.slice(i, i + 2), 16);
      if (byte < 248) digits += BASE62.charAt(byte % 62);
    }
  }
  return digits;
}
