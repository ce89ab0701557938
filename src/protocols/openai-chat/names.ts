import { FIRST_SEED, fnv1a, longHash, SECOND_SEED, shortHash } from '../name-hash.ts';
import { hashedName } from '../tool-names.ts';

/** A tool name as this wire takes it (letters, digits, `_`, `-`, 64 at most); others are cleaned and told apart by a hash. */
export function encodeToolName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  return hashedName(name.replace(/[^a-zA-Z0-9_-]/g, '_'), name, 64);
}

/**
 * Ids of exactly nine letters and digits, as Mistral demands them, for all call ids of one request: those that fit stay,
 * the others are hashed, and hashed again where two would meet, in their order, so the same history gives the same ids.
 */
export function nineCharacterIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const id of ids) if (NINE.test(id)) result.set(id, id);
  const taken = new Set(result.keys());
  for (const id of ids) {
    if (result.has(id)) continue;
    let attempt = 0;
    let short = nineCharacters(id, attempt);
    while (taken.has(short)) short = nineCharacters(id, (attempt += 1));
    taken.add(short);
    result.set(id, short);
  }
  return result;
}

/** A user id as OpenAI takes it: letters, digits, `_` and `-`, 64 at most; others (JSON, addresses) become a hash. */
export function encodeUserId(userId: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(userId)) return userId;
  return `user_${longHash(userId)}`;
}

/** An id for a call that came without one: the same for the same place in the same answer. */
export function mintCallId(answerId: string, index: number, name: string): string {
  const clean = answerId.replace(/[^a-zA-Z0-9]/g, '').slice(-24);
  const unique = clean === '' ? shortHash(name) : clean;
  return `call_${unique}_${index}`;
}

const PLAIN_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const NINE = /^[a-zA-Z0-9]{9}$/;

function nineCharacters(id: string, attempt: number): string {
  const wide = fnv1a(id, FIRST_SEED + attempt) * 0x10000 + (fnv1a(id, SECOND_SEED + attempt) & 0xffff);
  return wide.toString(36).padStart(9, '0').slice(-9);
}
