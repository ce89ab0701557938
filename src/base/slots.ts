/**
 * Things that come and go quickly, each under a number of its own. A `Set` would do the same, but V8 makes a new table for it
 * every so many insertions, and the old one, long-lived by then, keeps everything alive that it held until the next full
 * collection: that cost a fifth of the processor time of a request.
 */
export class Slots<Item> {
  readonly #items: (Item | null)[] = [];
  /** Numbers that are free, the last freed on top. */
  readonly #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes it in and gives its number, to be given back to `remove`. */
  add(item: Item): number {
    this.#size += 1;
    const free = this.#free.pop();
    if (free === undefined) return this.#items.push(item) - 1;
    this.#items[free] = item;
    return free;
  }

  remove(slot: number): void {
    if (this.#items[slot] === undefined || this.#items[slot] === null) return;
    this.#size -= 1;
    this.#items[slot] = null;
    this.#free.push(slot);
  }

  /** Everything that is in at this moment. */
  all(): readonly Item[] {
    return this.#items.flatMap((item) => (item === null ? [] : [item]));
  }
}
