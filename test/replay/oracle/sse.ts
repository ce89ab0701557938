/** One event of an event stream, as read by the oracle. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** Reads a whole event stream at once: blank lines part events, fields are lines, everything else is ignored. */
export function readEvents(text: string): readonly StreamEvent[] {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n\n')
    .map((block) => block.split('\n'))
    .map((lines) => ({ name: fieldOf(lines, 'event').at(-1) ?? '', data: fieldOf(lines, 'data').join('\n') }))
    .filter((event) => event.data !== '');
}

function fieldOf(lines: readonly string[], field: string): readonly string[] {
  const start = `${field}:`;
  return lines
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length).replace(/^ /, ''));
}
