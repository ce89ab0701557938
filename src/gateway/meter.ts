import type { Price } from '../catalog/price.ts';
import { costOf } from '../ledger/cost.ts';
import { UNKNOWN_USAGE, type Usage } from '../spec/usage.ts';
import { CHARS_PER_TOKEN } from './facts.ts';
import type { Counted } from './receiver.ts';
import type { RequestRun } from './request-run.ts';

/** The usage to book: what the provider counted, with gaps filled by an estimate that says so. */
export function meteredUsage(run: RequestRun, reported: Usage | null, outputChars: number): Usage {
  if (reported !== null && reported.input !== null && reported.output !== null) return reported;
  const known = reported ?? UNKNOWN_USAGE;
  return {
    ...known,
    input: known.input ?? run.inputTokensEstimate(),
    output: known.output ?? Math.ceil(outputChars / CHARS_PER_TOKEN),
    source: 'estimated',
  };
}

/**
 * The usage to book for an answer that broke off after content was sent. What the provider counted by then is old (Anthropic
 * announces one output token at the start), so the larger of its count and the estimate stands, marked as an estimate. It is never
 * nothing: what has no characters of an answer, such as the name of a tool, was written by the model too.
 */
export function brokenOffUsage(run: RequestRun, { usage, outputChars }: Counted): Usage {
  const metered = meteredUsage(run, usage, outputChars);
  const output = Math.max(1, metered.output ?? 0, Math.ceil(outputChars / CHARS_PER_TOKEN));
  return { ...metered, output, source: 'estimated' };
}

/**
 * The usage to book for an attempt that came to nothing: `begun`, it was being answered; `empty`, its answer had no word in it.
 * Null where nothing is known to have been used.
 */
export function failedUsage(
  run: RequestRun,
  counted: Counted,
  { begun, empty }: { readonly begun: boolean; readonly empty: boolean },
): Usage | null {
  // What was spoken is paid for, whether the client got it or not.
  if (begun || counted.outputChars > 0) return brokenOffUsage(run, counted);
  // Also who answers with nothing has read the question.
  return empty ? meteredUsage(run, counted.usage, 0) : counted.usage;
}

/**
 * What the usage costs, or null where the sum would leave something out: tokens without a price, or input or output that
 * nobody counted. A provider that does not tell cached tokens apart is charged at the full rate, its own upper bound.
 */
export function knownCost(usage: Usage, price: Price | null): bigint | null {
  if (price === null) return null;
  const { unpriced, uncounted, nanodollars } = costOf(usage, price);
  const whole = unpriced.length === 0 && !uncounted.includes('input') && !uncounted.includes('output');
  return whole ? nanodollars : null;
}
