import type { GenerateRequest } from '../spec/generate.ts';
import { longHash } from './name-hash.ts';

/** Maps a tool name in an answer back to the one that the client gave. */
export type ToolNameDecoder = (name: string) => string;

/** A cleaned name of a limited length that a hash of the original tells apart from all others. */
export function hashedName(clean: string, name: string, charsMax: number): string {
  const hash = longHash(name);
  return `${clean.slice(0, charsMax - hash.length - 1)}_${hash}`;
}

/** The way back from names that a wire made others of, to those of the request that is being answered. */
export function toolNameDecoder(
  request: GenerateRequest | undefined,
  encode: (name: string) => string,
): ToolNameDecoder {
  const originals = new Map<string, string>();
  for (const tool of request?.tools ?? []) {
    if (tool.type !== 'function') continue;
    const encoded = encode(tool.name);
    if (encoded !== tool.name) originals.set(encoded, tool.name);
  }
  return (name) => originals.get(name) ?? name;
}
