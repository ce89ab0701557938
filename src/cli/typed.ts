/** How a command is typed where this program was started from: in a clone through npm, otherwise by its name. */
export function typed(command: string, script = process.argv[1]): string {
  if (script?.endsWith('.ts') !== true) return `bellwether ${command}`;
  // npm keeps options for itself unless two dashes stand before.
  return `npm run bellwether -- ${command}`;
}
