/** The label sets of one metric, each interned to a small integer under which its numbers lie in a typed array. */
export class Series {
  readonly labelNames: readonly string[];
  readonly #budget: SeriesBudget;
  readonly #width: number;
  readonly #indices = new Map<string, number>();
  readonly #labels: (readonly string[])[] = [];
  #numbers: Float64Array;

  /** `width` is how many numbers each label set has. */
  constructor(labelNames: readonly string[], width: number, budget: SeriesBudget) {
    this.labelNames = labelNames;
    this.#width = width;
    this.#budget = budget;
    this.#numbers = new Float64Array(width * 4);
  }

  /** Where the numbers of a label set begin; negative, and counted, where there is no room for a new one. */
  offsetOf(labels: readonly string[]): number {
    const key = labels.length === 1 ? (labels[0] ?? '') : labels.join(SEPARATOR);
    const index = this.#indices.get(key) ?? this.#add(key, labels);
    return index * this.#width;
  }

  /** Adds to one number. Small enough for the engine to inline. */
  add(position: number, amount: number): void {
    this.#numbers[position] = (this.#numbers[position] ?? 0) + amount;
  }

  set(position: number, value: number): void {
    this.#numbers[position] = value;
  }

  /** Forgets all label sets; positions that were handed out before mean nothing any more. */
  clear(): void {
    this.#budget.giveBack(this.#labels.length * this.#width);
    this.#indices.clear();
    this.#labels.length = 0;
    this.#numbers.fill(0);
  }

  /** All label sets with their numbers, in the order in which they first came. */
  *entries(): IterableIterator<readonly [labels: readonly string[], numbers: Float64Array]> {
    for (const [index, labels] of this.#labels.entries()) {
      yield [labels, this.#numbers.subarray(index * this.#width, (index + 1) * this.#width)];
    }
  }

  #add(key: string, labels: readonly string[]): number {
    if (!this.#budget.take(this.#width)) return -1;
    const index = this.#labels.push(labels) - 1;
    this.#indices.set(key, index);
    if (this.#labels.length * this.#width > this.#numbers.length) {
      const grown = new Float64Array(this.#numbers.length * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    return index;
  }
}

/** How many time series all metrics together may have: a label that grows without end must not take the memory with it. */
export class SeriesBudget {
  #left: number;
  #refused = 0;

  constructor(seriesMax: number) {
    this.#left = seriesMax;
  }

  /** Observations that were dropped because their label set would have been one too many. */
  get refused(): number {
    return this.#refused;
  }

  take(count: number): boolean {
    if (count > this.#left) {
      this.#refused += 1;
      return false;
    }
    this.#left -= count;
    return true;
  }

  giveBack(count: number): void {
    this.#left += count;
  }
}

const SEPARATOR = '\u0000';
