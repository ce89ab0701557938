import { assert } from '../../base/assert.ts';
import { Series, SeriesBudget } from './series.ts';

/** What is written above the samples of a metric. */
export interface MetricHead {
  /** Name without the suffixes that a type adds; a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
}

/** A metric as it is rendered. */
export type Metric =
  | { readonly type: 'counter' | 'gauge'; readonly head: MetricHead; readonly series: Series }
  | {
      readonly type: 'histogram';
      readonly head: MetricHead;
      readonly series: Series;
      readonly bounds: readonly number[];
    };

/** A number that only rises. */
export interface Counter {
  add(labels: readonly string[], amount: number): void;
  /** The number of one label set, to be kept by whoever adds to it often: labels are looked up once. */
  of(...labels: readonly string[]): BoundCounter;
}

/** A counter with its labels. */
export interface BoundCounter {
  add(amount: number): void;
}

/** A number that rises and falls. */
export interface Gauge {
  set(labels: readonly string[], value: number): void;
  /** Forgets all label sets: for those whose things may go away, before they are set anew. */
  clear(): void;
}

/** How often values fell under each bound, how many there were, and their sum. */
export interface Histogram {
  observe(labels: readonly string[], value: number): void;
  /** The numbers of one label set, to be kept by whoever observes often. */
  of(...labels: readonly string[]): BoundHistogram;
}

/** A histogram with its labels. */
export interface BoundHistogram {
  observe(value: number): void;
}

/**
 * Counters, gauges and histograms in typed arrays, rendered only when somebody scrapes. Own code, because recording stands
 * in every request: a number costs 15 nanoseconds here with one label and 100 with several.
 */
export class MetricRegistry {
  readonly #metrics = new Map<string, Metric>();
  readonly #collectors: (() => void)[] = [];
  readonly #budget: SeriesBudget;

  constructor(seriesMax = 20_000) {
    this.#budget = new SeriesBudget(seriesMax);
  }

  /** Observations that were dropped because there are too many label sets. */
  get dropped(): number {
    return this.#budget.refused;
  }

  counter(head: MetricHead, labelNames: readonly string[] = []): Counter {
    assert(head.name.endsWith('_total'), `the counter ${head.name} must end in _total`);
    const series = this.#register(head, labelNames, 1, (made) => ({ type: 'counter', head, series: made }));
    return {
      add: (labels, amount) => {
        const at = series.offsetOf(labels);
        if (at >= 0) series.add(at, amount);
      },
      of: (...labels) => new CounterCell(series, labels),
    };
  }

  gauge(head: MetricHead, labelNames: readonly string[] = []): Gauge {
    const series = this.#register(head, labelNames, 1, (made) => ({ type: 'gauge', head, series: made }));
    return settable(series);
  }

  /** A counter that is kept elsewhere and read at scrape time. */
  readCounter(head: MetricHead, read: () => number): void {
    assert(head.name.endsWith('_total'), `the counter ${head.name} must end in _total`);
    const series = this.#register(head, [], 1, (made) => ({ type: 'counter', head, series: made }));
    const target = settable(series);
    this.beforeScrape(() => target.set([], read()));
  }

  /** A gauge that is read at scrape time. */
  readGauge(head: MetricHead, read: () => number): void {
    const gauge = this.gauge(head);
    this.beforeScrape(() => gauge.set([], read()));
  }

  /** The bounds must rise; the last bucket, without a bound, is added. */
  histogram(head: MetricHead, bounds: readonly number[], labelNames: readonly string[] = []): Histogram {
    assert(
      bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? bound)),
      `the bounds of ${head.name} must rise`,
    );
    // Per label set: a count for each bound and one for what is above all of them, then the sum.
    const sumAt = bounds.length + 1;
    const series = this.#register(head, labelNames, sumAt + 1, (made) => ({
      type: 'histogram',
      head,
      series: made,
      bounds,
    }));
    return {
      observe: (labels, value) => {
        const at = series.offsetOf(labels);
        if (at < 0 || !Number.isFinite(value)) return;
        series.add(at + bucketOf(bounds, value), 1);
        series.add(at + sumAt, value);
      },
      of: (...labels) => new HistogramCell(series, labels, bounds),
    };
  }

  /** Runs before every scrape, for values that are cheaper to read than to follow. */
  beforeScrape(collect: () => void): void {
    this.#collectors.push(collect);
  }

  /** All metrics with their numbers of this moment. */
  collect(): readonly Metric[] {
    for (const collect of this.#collectors) collect();
    return [...this.#metrics.values()];
  }

  #register(
    head: MetricHead,
    labelNames: readonly string[],
    width: number,
    make: (series: Series) => Metric,
  ): Series {
    assert(/^[a-z][a-z0-9_]*$/.test(head.name), `${head.name} is no metric name`);
    assert(!this.#metrics.has(head.name), `the metric ${head.name} exists already`);
    const series = new Series(labelNames, width, this.#budget);
    this.#metrics.set(head.name, make(series));
    // A metric without labels is there from the start, so that its first increase is seen.
    if (labelNames.length === 0) series.offsetOf([]);
    return series;
  }
}

/** Where the numbers of one label set lie; as long as there is no room for them, every use asks again and is counted. */
class Cell {
  readonly series: Series;
  readonly #labels: readonly string[];
  #at = -1;

  constructor(series: Series, labels: readonly string[]) {
    this.series = series;
    this.#labels = labels;
  }

  get at(): number {
    if (this.#at < 0) this.#at = this.series.offsetOf(this.#labels);
    return this.#at;
  }
}

class CounterCell extends Cell implements BoundCounter {
  add(amount: number): void {
    const { at } = this;
    if (at >= 0) this.series.add(at, amount);
  }
}

class HistogramCell extends Cell implements BoundHistogram {
  readonly #bounds: readonly number[];

  constructor(series: Series, labels: readonly string[], bounds: readonly number[]) {
    super(series, labels);
    this.#bounds = bounds;
  }

  observe(value: number): void {
    const { at } = this;
    if (at < 0 || !Number.isFinite(value)) return;
    this.series.add(at + bucketOf(this.#bounds, value), 1);
    this.series.add(at + this.#bounds.length + 1, value);
  }
}

function settable(series: Series): Gauge {
  return {
    set: (labels, value) => {
      const at = series.offsetOf(labels);
      if (at >= 0) series.set(at, value);
    },
    clear: () => series.clear(),
  };
}

// Linear, because the common values lie in the first buckets and there are few.
function bucketOf(bounds: readonly number[], value: number): number {
  let index = 0;
  while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
  return index;
}
