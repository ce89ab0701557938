import type { OpaqueState } from '../spec/generate.ts';

/**
 * Writes signed state of one wire so that a client of another wire can carry it: `gw1.<origin>.<value>`. The client
 * sends it back as it would send back its own provider's signature, and `unwrapOpaque` restores it byte for byte.
 */
export function wrapOpaque(state: OpaqueState): string {
  return `${PREFIX}${state.origin}.${state.value}`;
}

/** The state inside a wrapped text; null where the text is not one of ours and belongs to the wire it stands on. */
export function unwrapOpaque(text: string): OpaqueState | null {
  if (!text.startsWith(PREFIX)) return null;
  const dot = text.indexOf('.', PREFIX.length);
  if (dot <= PREFIX.length) return null;
  return { origin: text.slice(PREFIX.length, dot), value: text.slice(dot + 1) };
}

// Protocol ids are kebab-case, so the next dot ends the origin; the value may hold anything.
const PREFIX = 'gw1.';
