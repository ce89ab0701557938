/**
 * The generation of a Claude model, read from its name: 4.6 is 406, Claude 3.5 is 305, Claude 5 is 500. Null where the
 * name is no Claude's or tells no generation (`claude-opus-latest`).
 */
export function claudeGeneration(id: string): number | null {
  const match = NEW_NAME.exec(id) ?? OLD_NAME.exec(id);
  if (match === null) return null;
  return Number(match[1]) * 100 + Number(match[2] ?? 0);
}

// claude-opus-4-6, claude-sonnet-4.5-..., claude-opus-4-20250514 (whose digits after the 4 are a date).
const NEW_NAME = /claude-[a-z]+-(\d)(?:[.-](\d{1,2})(?!\d))?/;
// claude-3-5-sonnet-20241022, claude-3-opus, claude-2.
const OLD_NAME = /claude-(\d)(?:[.-](\d{1,2})(?!\d))?/;
