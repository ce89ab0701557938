/** Characters of one token, on average over English prose. */
const CHARS_PER_TOKEN = 4;

/** The number of tokens that the simulator counts for a text. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

/** The longest beginning of a text that has at most so many tokens; it never splits a character. */
export function firstTokens(text: string, tokens: number): string {
  const end = tokens * CHARS_PER_TOKEN;
  if (text.length <= end) return text;
  return text.slice(0, isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end);
}

/** The text in one piece of at most so many characters, with dots where something was left out. */
export function shortened(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return `${firstTokens(text, Math.floor((charsMax - 3) / CHARS_PER_TOKEN))}...`;
}

/** The text in pieces as a tokenizer would cut it: short words whole with the space before them, long ones in parts. */
export function tokenPieces(text: string): readonly string[] {
  return text.match(/\s*\S{1,6}|\s+/gu) ?? [];
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
