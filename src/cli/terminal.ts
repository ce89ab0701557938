import { stripVTControlCharacters, styleText } from 'node:util';

/** The few styles that the output uses. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

type Stream = typeof process.stdout | typeof process.stderr;

/** Text in a style, plain where the stream is no terminal or NO_COLOR asks for it. */
export function paint(style: Style, text: string, stream: Stream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** Writes data: what a script may read. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes data as JSON, indented, with a line end. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Writes talk: what is for people and not for scripts. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Columns that a text takes on a terminal, colours not counted. */
export function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Text from outside, with nothing in it that could move the cursor or change colours. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll(CONTROL, '');
}

// All control characters but tab and line feed.
const CONTROL = /[^\P{Cc}\t\n]/gu;
