import type { Target } from '../target.ts';

/** Tokens of input for each token of output in the mix by which targets are compared: what chat traffic looks like. */
const INPUT_PER_OUTPUT = 3;

/** A target's price for a typical mix of tokens, only good for comparing; infinite where the price is unknown. */
export function typicalPrice(target: Target): number {
  const rates = target.price?.rates;
  if (rates?.input === undefined || rates.output === undefined) return Infinity;
  return rates.input * INPUT_PER_OUTPUT + rates.output;
}
