/** Eight buckets for each doubling: a quantile is right to within 4.5 %. */
const BUCKETS_PER_DOUBLING = 8;
/** From the smallest value to a million times as much; what lies outside is counted at the end. */
const DOUBLINGS = 20;
const BUCKETS = BUCKETS_PER_DOUBLING * DOUBLINGS;

/** Counts values in buckets that grow by a fixed factor; old ones lose weight. Adding allocates nothing. */
export class LogHistogram {
  readonly #smallest: number;
  readonly #counts = new Float64Array(BUCKETS);
  #weight = 0;

  /** `smallest`: values below it are not told apart; above 0. */
  constructor(smallest: number) {
    this.#smallest = smallest;
  }

  /** Values that are in it, where one that was halved counts half. */
  get weight(): number {
    return this.#weight;
  }

  /** Counts a value; what is not a number above 0 counts as the smallest. */
  add(value: number): void {
    const at = value > this.#smallest ? bucketOf(value / this.#smallest) : 0;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#weight += 1;
  }

  /** Lets everything so far count half. */
  halve(): void {
    this.#weight = 0;
    for (let at = 0; at < BUCKETS; at += 1) {
      const half = (this.#counts[at] ?? 0) / 2;
      this.#counts[at] = half;
      this.#weight += half;
    }
  }

  /** The value that this share of all values, from 0 to 1, does not exceed; 0 where there are none. */
  quantile(share: number): number {
    if (this.#weight === 0) return 0;
    let left = share * this.#weight;
    let last = 0;
    for (let at = 0; at < BUCKETS; at += 1) {
      const count = this.#counts[at] ?? 0;
      if (count === 0) continue;
      last = at;
      left -= count;
      if (left <= 0) break;
    }
    return this.#smallest * 2 ** ((last + 0.5) / BUCKETS_PER_DOUBLING);
  }
}

function bucketOf(ratio: number): number {
  return Math.min(BUCKETS - 1, Math.floor(Math.log2(ratio) * BUCKETS_PER_DOUBLING));
}
