import { assert } from '../base/assert.ts';
import { type Price, type Rates, rateOf, ratesFor } from '../catalog/price.ts';
import { inputTotal, type Usage, USAGE_CLASSES, type UsageClass } from '../spec/usage.ts';
import { type Nanodollars, type Picodollars, picodollars, toNanodollars } from './money.ts';

/** What one call cost. Amounts are exact but for the single rounding from picodollars to nanodollars. */
export interface Cost {
  /** One line for each class with tokens and a price, in the order of `USAGE_CLASSES`. */
  readonly lines: readonly CostLine[];
  readonly picodollars: Picodollars;
  readonly nanodollars: Nanodollars;
  /** Classes that have tokens but no known price; they are not in the sum. */
  readonly unpriced: readonly UsageClass[];
  /** Classes of which the provider told no count, where the count could change the sum. */
  readonly uncounted: readonly UsageClass[];
  /** Whether the sum is the whole cost: nothing unpriced, nothing uncounted. */
  readonly complete: boolean;
}

export interface CostLine {
  readonly class: UsageClass;
  readonly tokens: number;
  readonly picodollarsPerToken: number;
  readonly picodollars: Picodollars;
}

/** The exact cost of a call's usage at a price. Long prompts are charged whole at the rates of their tier. */
export function costOf(usage: Usage, price: Price): Cost {
  const rates = ratesFor(price, inputTotal(usage));
  const lines: CostLine[] = [];
  const unpriced: UsageClass[] = [];
  const uncounted: UsageClass[] = [];
  let total = 0n;
  for (const name of USAGE_CLASSES) {
    const tokens = usage[name];
    const rate = rateOf(rates, name);
    if (tokens === null) {
      if (couldMatter(name, usage, rates)) uncounted.push(name);
    } else if (tokens > 0 && rate === null) {
      unpriced.push(name);
    } else if (tokens > 0 && rate !== null) {
      assert(Number.isSafeInteger(tokens), `the count of ${name} tokens is not an integer: ${tokens}`);
      const amount = BigInt(tokens) * BigInt(rate);
      lines.push({ class: name, tokens, picodollarsPerToken: rate, picodollars: picodollars(amount) });
      total += amount;
    }
  }
  const exact = picodollars(total);
  return {
    lines,
    picodollars: exact,
    nanodollars: toNanodollars(exact),
    unpriced,
    uncounted,
    complete: unpriced.length === 0 && uncounted.length === 0,
  };
}

/**
 * The class in which tokens are counted where a provider does not tell them apart. Such a count being unknown matters
 * only where its own rate is known and differs, and where the class that hides it has tokens at all.
 */
const HIDDEN_IN = {
  input: null,
  inputAudio: 'input',
  cacheRead: 'input',
  cacheWrite5m: 'input',
  cacheWrite1h: 'cacheWrite5m',
  output: null,
  outputAudio: 'output',
  reasoning: 'output',
  webSearches: null,
} as const satisfies Record<UsageClass, UsageClass | null>;

function couldMatter(name: UsageClass, usage: Usage, rates: Rates): boolean {
  const rate = rateOf(rates, name);
  const hiddenIn = HIDDEN_IN[name];
  // Searches are billed one by one: a model without a rate for them is one that does not search for us.
  if (hiddenIn === null) return name === 'webSearches' ? rate !== null : rate !== 0;
  return rate !== null && rate !== rateOf(rates, hiddenIn) && usage[hiddenIn] !== 0;
}
