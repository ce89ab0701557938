import { hashedName } from '../tool-names.ts';

/**
 * A tool name as all Gemini models take it: a letter or underscore, then letters, digits, `_`, `.` and `-`, 64 in all
 * (the newest take more, and colons). Other names are cleaned and told apart by a hash.
 */
export function encodeToolName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  return hashedName(`_${name.replace(/[^a-zA-Z0-9_.-]/g, '_')}`, name, 64);
}

/**
 * Ids of tool calls for a wire on which they are optional. Gemini 2.x gives none, Gemini 3 mostly does and wants them
 * back; every other wire needs one. A minted id is deterministic and injective: it names the answer and the place of the
 * call in it, never the function (eino PR 652, CLIProxyAPI #3874: ids made of names were doubled or shifted).
 */
export function mintedCallId(answer: string, index: number): string {
  return `${MINTED}${answer.replace(/[^a-zA-Z0-9-]/g, escapeCharacter)}_${index}`;
}

/** Whether this codec made the id up; such an id is never sent to Gemini, which would not know it. */
export function isMintedCallId(id: string): boolean {
  return id.startsWith(MINTED);
}

/** A stable name for an answer that has no id: a hash of what it says. */
export function answerNameOf(text: string): string {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 0x01000193) >>> 0;
    low = Math.imul(low ^ (code + i), 0x85ebca6b) >>> 0;
  }
  return `h${high.toString(16)}-${low.toString(16)}`;
}

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/;
const MINTED = 'gcall_';

// Injective: an underscore never stands for itself, and the code is closed by one.
function escapeCharacter(character: string): string {
  return `_${character.charCodeAt(0).toString(16)}_`;
}
