import { hashedName } from '../tool-names.ts';

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
  return hashedName(name.replace(/[^a-zA-Z0-9_-]/g, '_'), name, 128);
}

const PLAIN_ID = /^[a-zA-Z0-9_-]+$/;
const PLAIN_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const ESCAPED_ID = 'gwid_';

function escapeUnit(unit: string): string {
  return `_${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
