/** Longest text of others that stands in a line. */
const TEXT_MAX = 300;

/**
 * A text of others as plain characters: it cannot break a line, move a terminal's cursor, turn the direction of writing, or
 * fill the disk.
 */
export function plain(text: string): string {
  return text.length <= TEXT_MAX && !UNCLEAN.test(text) ? text : cleaned(text);
}

/** The same as the inside of a JSON string. */
export function plainJson(text: string): string {
  if (text.length <= TEXT_MAX && !UNCLEAN_OR_ESCAPED.test(text)) return text;
  return JSON.stringify(cleaned(text)).slice(1, -1);
}

// Control characters, marks of direction, line separators. One cheap test first: nearly every text has none of them.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNCLEAN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNCLEAN_RUNS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
const UNCLEAN_OR_ESCAPED =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /["\\\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/;

function cleaned(text: string): string {
  const clean = text.replace(UNCLEAN_RUNS, ' ');
  return clean.length > TEXT_MAX ? `${clean.slice(0, TEXT_MAX)}…` : clean;
}
