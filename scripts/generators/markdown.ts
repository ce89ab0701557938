/** The line under the heading of a generated page that says where to edit instead. */
export function generatedNotice(source: string): string {
  return `<!-- Generated from ${source} by \`npm run generate\`; edit there. -->`;
}

/** Text that may stand in a cell of a table. */
export function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
