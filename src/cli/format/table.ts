import { widthOf } from '../terminal.ts';

/** Rows in aligned columns, two spaces apart; lines carry no spaces at their ends. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  return rows
    .map((row) =>
      (indent + row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  ')).trimEnd(),
    )
    .join('\n');
}

/** A paragraph broken into lines of a width, every line indented alike. */
export function wrapped(text: string, indent: string, width = 92): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line].join('\n');
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}
