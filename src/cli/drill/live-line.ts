/** One line at the terminal that is written over again and again; nothing where nobody looks. */
export class LiveLine {
  readonly #live = process.stderr.isTTY;
  #shown = false;

  show(text: string): void {
    if (!this.#live) return;
    process.stderr.write(`\r\u001B[2K${text}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001B[2K');
    this.#shown = false;
  }
}
