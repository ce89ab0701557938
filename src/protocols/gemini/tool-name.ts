import type { GenerateRequest } from '../../spec/generate.ts';

/**
 * A tool name as all Gemini models take it: a letter or underscore, then letters, digits, `_`, `.` and `-`, 64 in all
 * (the newest take more, and colons). Other names are cleaned and told apart by a hash.
 */
export function encodeToolName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  const clean = `_${name.replace(/[^a-zA-Z0-9_.-]/g, '_')}`.slice(0, 64 - 17);
  return `${clean}_${hash(name, 0x811c9dc5)}${hash(name, 0x01234567)}`;
}

/** Maps the names in an answer back to those of the request that is being answered. */
export function toolNameDecoder(request: GenerateRequest | undefined): (name: string) => string {
  const originals = new Map<string, string>();
  for (const tool of request?.tools ?? []) {
    const encoded = tool.type === 'function' ? encodeToolName(tool.name) : tool.name;
    if (encoded !== tool.name) originals.set(encoded, tool.name);
  }
  return (name) => originals.get(name) ?? name;
}

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/;

// FNV-1a over UTF-16 units; two of them with different seeds make a meeting within one request unthinkable.
function hash(text: string, seed: number): string {
  let value = seed;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
