/** A first-in-first-out queue that cannot grow past its capacity; what does not fit is counted, not kept. */
export class BoundedQueue<Item> {
  readonly capacity: number;
  #items: Item[] = [];
  #dropped = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  /** How many items were refused since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds an item; false, and counted, when the queue is full. */
  push(item: Item): boolean {
    if (this.#items.length >= this.capacity) {
      this.#dropped += 1;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  /** Takes everything that waits, oldest first. */
  drain(): Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
