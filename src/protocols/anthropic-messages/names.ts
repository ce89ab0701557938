import type { GenerateRequest } from '../../spec/generate.ts';

/**
 * A tool call id in the form that the API accepts (`^[a-zA-Z0-9_-]+$`). Ids that fit stay as they are; others are escaped
 * reversibly, so that no table is needed and two ids never become one.
 */
export function encodeCallId(id: string): string {
  if (PLAIN_ID.test(id) && !id.startsWith(ESCAPED_ID)) return id;
  return ESCAPED_ID + id.replace(/[^a-zA-Z0-9-]/g, escapeUnit);
}

/** The id that `encodeCallId` was given. */
export function decodeCallId(id: string): string {
  if (!id.startsWith(ESCAPED_ID)) return id;
  return id.slice(ESCAPED_ID.length).replace(/_([0-9a-f]{4})/g, (_, unit: string) => {
    return String.fromCharCode(Number.parseInt(unit, 16));
  });
}

/** A tool name in the form that the API accepts: others are cleaned, shortened and told apart by a hash. */
export function encodeToolName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  const clean = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 128 - 17);
  return `${clean}_${hash(name, 0x811c9dc5)}${hash(name, 0x01234567)}`;
}

/** The tool's name in the request that is being answered. */
export function decodeToolName(name: string, request: GenerateRequest | undefined): string {
  for (const tool of request?.tools ?? []) {
    if (tool.type === 'function' && tool.name !== name && encodeToolName(tool.name) === name)
      return tool.name;
  }
  return name;
}

const PLAIN_ID = /^[a-zA-Z0-9_-]+$/;
const PLAIN_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const ESCAPED_ID = 'gwid_';

function escapeUnit(unit: string): string {
  return `_${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

// FNV-1a over UTF-16 units; two of them with different seeds make a collision within one request unthinkable.
function hash(text: string, seed: number): string {
  let value = seed;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
