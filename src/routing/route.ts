import type { Target } from './target.ts';

/**
 * How a public name becomes targets. Nested freely; planning flattens it into one ordered list before the first call, so
 * that load balancing and fallback are the same list read from the top.
 */
export type Route =
  | { readonly type: 'target'; readonly target: Target }
  /** As listed. */
  | { readonly type: 'ordered'; readonly routes: readonly Route[] }
  /** By chance, in proportion to the targets' weights. */
  | { readonly type: 'weighted'; readonly routes: readonly Route[] }
  /** By price, cheapest first. */
  | { readonly type: 'cheapest'; readonly routes: readonly Route[] }
  /** Tiers from the cheap to the strong, one chosen for the request, the others behind it. */
  | { readonly type: 'hybrid'; readonly routes: readonly Route[]; readonly lean: Lean };

/** How a caller leans a hybrid route: `auto`, `auto:economy`, `auto:balanced`, `auto:premium`. */
export const LEANS = ['economy', 'balanced', 'premium'] as const;
/** One of them. */
export type Lean = (typeof LEANS)[number];

/** All targets below a route, as written. */
export function targetsOf(route: Route): readonly Target[] {
  return route.type === 'target' ? [route.target] : route.routes.flatMap(targetsOf);
}

/** The same route leaned another way; a route without tiers stays as it is. */
export function leaned(route: Route, lean: Lean): Route {
  return route.type === 'hybrid' ? { ...route, lean } : route;
}
