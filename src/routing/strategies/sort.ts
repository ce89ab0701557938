import type { Lean, Route } from '../route.ts';
import { targetsOf } from '../route.ts';
import type { Target } from '../target.ts';
import { typicalPrice } from './typical-price.ts';

/** Children as listed. */
export function ordered(routes: readonly Route[]): readonly Route[] {
  return routes;
}

/** Children by price, cheapest first; unknown prices last; equals keep their order. */
export function cheapest(routes: readonly Route[]): readonly Route[] {
  return routes.toSorted((a, b) => priceOf(a) - priceOf(b));
}

/**
 * Children drawn without replacement, each with a chance in proportion to its weight (Efraimidis and Spirakis 2006: sort
 * by u^(1/w)). A weight of 0 comes last but is not lost.
 */
export function weighted(routes: readonly Route[], random: () => number): readonly Route[] {
  return routes
    .map((route) => ({ route, ticket: ticketFor(weightOf(route), random()) }))
    .toSorted((a, b) => b.ticket - a.ticket)
    .map(({ route }) => route);
}

/** Tiers in the order that a lean asks for: from the cheap end, from the middle upwards, or from the strong end. */
export function hybrid(routes: readonly Route[], lean: Lean): readonly Route[] {
  const rising = cheapest(routes);
  switch (lean) {
    case 'economy':
      return rising;
    case 'premium':
      return rising.toReversed();
    case 'balanced': {
      const middle = Math.floor((rising.length - 1) / 2);
      return [...rising.slice(middle), ...rising.slice(0, middle).toReversed()];
    }
  }
}

function priceOf(route: Route): number {
  const [first] = targetsOf(route);
  return first === undefined ? Infinity : typicalPrice(first);
}

function weightOf(route: Route): number {
  return targetsOf(route).reduce((total: number, target: Target) => total + target.weight, 0);
}

function ticketFor(weight: number, chance: number): number {
  return weight > 0 ? Math.max(chance, Number.MIN_VALUE) ** (1 / weight) : -chance;
}
