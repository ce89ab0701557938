import type { GenerateRequest } from '../../spec/generate.ts';

/** A tool name as this wire takes it (letters, digits, `_`, `-`, 64 at most); others are cleaned and told apart by a hash. */
export function encodeToolName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  const clean = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64 - 17);
  return `${clean}_${hash(name, 0x811c9dc5)}${hash(name, 0x01234567)}`;
}

/** Maps the names in an answer back to those of the request that is being answered. */
export function toolNameDecoder(request: GenerateRequest | undefined): (name: string) => string {
  const originals = new Map<string, string>();
  for (const tool of request?.tools ?? []) {
    if (tool.type === 'function' && !PLAIN_NAME.test(tool.name))
      originals.set(encodeToolName(tool.name), tool.name);
  }
  return (name) => originals.get(name) ?? name;
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
  return `user_${hash(userId, 0x811c9dc5)}${hash(userId, 0x01234567)}`;
}

/** An id for a call that came without one: the same for the same place in the same answer. */
export function mintCallId(answerId: string, index: number, name: string): string {
  const clean = answerId.replace(/[^a-zA-Z0-9]/g, '').slice(-24);
  const unique = clean === '' ? hash(name, 0x811c9dc5) : clean;
  return `call_${unique}_${index}`;
}

const PLAIN_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const NINE = /^[a-zA-Z0-9]{9}$/;

// FNV-1a over UTF-16 units; two of them with different seeds make a meeting within one request unthinkable.
function hash(text: string, seed: number): string {
  return hashNumber(text, seed).toString(16).padStart(8, '0');
}

function hashNumber(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

function nineCharacters(id: string, attempt: number): string {
  const wide =
    hashNumber(id, 0x811c9dc5 + attempt) * 0x10000 + (hashNumber(id, 0x01234567 + attempt) & 0xffff);
  return wide.toString(36).padStart(9, '0').slice(-9);
}
