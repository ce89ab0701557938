/** Shows what happens at the moment, on one line of the terminal that overwrites itself; nothing where there is no terminal. */
export function progressLine(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
