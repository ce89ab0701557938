import { STRATA, type Stratum } from './slots.ts';

/** What one simulated minute came to. */
export interface SlotOutcome {
  readonly stratum: Stratum;
  /** Requests that were counted. */
  readonly requests: number;
  /** Sum over them of the chance that an ideal router would have served each, minus 1 for each that was served. */
  readonly gap: number;
}

/** A share with the range in which it lies with 95 % confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How the minutes of one kind were sampled. */
export interface StratumSample {
  readonly stratum: Stratum;
  /** Minutes of that kind in the period, and how many of them were simulated. */
  readonly slots: number;
  readonly sampled: number;
  readonly requests: number;
  /** Mean over the simulated minutes of the share of requests lost although an ideal router would have served them. */
  readonly gap: number;
}

export interface GapEstimate {
  readonly gap: Estimate;
  /**
   * Where no loss was seen there may be some nevertheless: with 95 % confidence, and if requests are lost independently of
   * one another, at most this share of all requests (three in as many as were sent, in the kind of minutes where that means
   * most).
   */
  readonly unseenAtMost: number;
  readonly strata: readonly StratumSample[];
}

/** Two-sided 95 % of the normal distribution. */
const Z95 = 1.96;
/** Losses that would have shown up with 95 % probability: -ln 0.05, rounded up. */
const UNSEEN = 3;

/**
 * Estimates by how much the share of served requests falls short of an ideal router's, from a stratified sample of minutes.
 *
 * With W_h the share of the period's minutes that are of kind h, N_h their number, n_h of them simulated, and y_hi the mean
 * over the requests of minute i of (chance of an ideal router - served or not):
 *
 *     gap = sum over h of W_h * mean_i(y_hi)
 *     variance = sum over h of W_h^2 * (1 - n_h / N_h) * s_h^2 / n_h,  s_h^2 the sample variance of y_hi
 *
 * This is the difference estimator of sampling theory (Cochran, Sampling Techniques, chapters 5 and 7): the ideal router's
 * share is known exactly for the whole period, so only the difference is sampled, and minutes in which all services are down
 * add no noise. Minutes, not requests, are the units drawn: requests of one minute share its fate. Requests fall uniformly
 * into their minute, so time within a minute needs no weight; every minute counts the same, whatever the traffic in it.
 */
export function estimateGap(
  outcomes: readonly SlotOutcome[],
  slots: { readonly [stratum in Stratum]: number },
): GapEstimate {
  const total = STRATA.reduce((sum, stratum) => sum + slots[stratum], 0);
  let value = 0;
  let variance = 0;
  let unseenAtMost = 0;
  const strata = STRATA.map((stratum) => {
    const own = outcomes.filter((outcome) => outcome.stratum === stratum && outcome.requests > 0);
    const requests = own.reduce((sum, outcome) => sum + outcome.requests, 0);
    const means = own.map((outcome) => outcome.gap / outcome.requests);
    const gap = mean(means);
    const weight = slots[stratum] / total;
    const rest = 1 - own.length / Math.max(1, slots[stratum]);
    value += weight * gap;
    if (own.length > 1) variance += (weight ** 2 * rest * spread(means, gap)) / own.length;
    const lossless = means.every((each) => each <= 0);
    if (lossless && rest > 0 && stratum !== 'down')
      unseenAtMost = Math.max(unseenAtMost, requests === 0 ? weight : (weight * UNSEEN) / requests);
    return { stratum, slots: slots[stratum], sampled: own.length, requests, gap };
  });
  const margin = Z95 * Math.sqrt(variance);
  return {
    gap: { value, low: value - margin, high: value + margin },
    unseenAtMost: Math.min(1, unseenAtMost),
    strata,
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(values: readonly number[], around: number): number {
  return values.reduce((sum, value) => sum + (value - around) ** 2, 0) / (values.length - 1);
}
