/** A repeatable source of choices: the same seed gives the same sequence on every machine. */
export interface Dice {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0 to below the bound. */
  below(bound: number): number;
  /** One of the items; there must be at least one. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** Dice thrown from a text: the text's hash is the seed. */
export function diceFrom(text: string): Dice {
  let state = hash32(text);
  // Mulberry32 (public domain): small, fast and even enough for choosing words and delays.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return { next, below, pick: (items) => items[below(items.length)] ?? items[0] };
}

/** FNV-1a over the text's code units, 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A text of letters and digits that looks like a provider's id and is the same for the same seed. */
export function idFrom(seed: string, length: number): string {
  const dice = diceFrom(seed);
  let id = '';
  while (id.length < length) id += ALPHABET[dice.below(ALPHABET.length)] ?? '0';
  return id;
}

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789';
