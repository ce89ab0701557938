// Parts of RESULTS.md that programs other than `npm run bench` write: each stands between two marks of its own, and whoever
// writes the file leaves those of others as they are.

const SECTION = /<!-- section: ([a-z-]+) -->\n[\s\S]*?<!-- end: \1 -->/g;

/** Every marked section of a text, marks included, in order. */
export function markedSections(text: string): readonly string[] {
  return text.match(SECTION) ?? [];
}

/** What stands between the marks of a section; null where the text has none. */
export function sectionOf(text: string, name: string): string | null {
  const found = markedSections(text).find((section) => section.startsWith(openingOf(name)));
  return found === undefined ? null : found.slice(openingOf(name).length, -closingOf(name).length).trim();
}

/** The text with a section put in the place of the one of the same name, or at its end. */
export function withSection(text: string, name: string, body: string): string {
  const section = `${openingOf(name)}\n${body.trim()}\n\n${closingOf(name)}`;
  const old = markedSections(text).find((each) => each.startsWith(openingOf(name)));
  return old === undefined ? `${text.trimEnd()}\n\n${section}\n` : text.replace(old, () => section);
}

function openingOf(name: string): string {
  return `<!-- section: ${name} -->\n`;
}

function closingOf(name: string): string {
  return `<!-- end: ${name} -->`;
}
