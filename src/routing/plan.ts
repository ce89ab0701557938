import { unreachable } from '../base/assert.ts';
import type { ModelFailover } from '../config/config.ts';
import { eligible, type Skipped } from './eligible.ts';
import type { RequestFacts } from './facts.ts';
import type { Route } from './route.ts';
import { cheapest, hybrid, ordered, weighted } from './strategies/sort.ts';
import type { Target } from './target.ts';

/** The ordered candidates of one request, made before the first call. Load balancing and fallback are this list. */
export interface Plan {
  readonly candidates: readonly Target[];
  /** Targets that were left out, each with its reason. */
  readonly skipped: readonly Skipped[];
  /** Why the first candidate is first, in a few words. */
  readonly reason: string;
  readonly attemptsMax: number;
  /** Wall clock at which the whole request must be over. */
  readonly deadlineAtMs: number;
  /** How the answer survives a failing provider. */
  readonly failover: ModelFailover;
}

/** What planning goes by. */
export interface PlanInput {
  readonly route: Route;
  readonly facts: RequestFacts;
  readonly random: () => number;
  readonly deadlineAtMs: number;
  readonly failover: ModelFailover;
  /** Whether spare targets get their share of requests now. */
  readonly spares: boolean;
}

/** The most attempts of one request, over all targets and keys. */
export const ATTEMPTS_MAX = 8;

/** Flattens a route into the ordered list of candidates for one request. Pure; no target is lost or invented. */
export function plan({ route, facts, random, deadlineAtMs, failover, spares }: PlanInput): Plan {
  const flat = withoutRepeats(flatten(route, random));
  const { eligible: sorted, skipped } = eligible(flat, facts);
  const inOrder = route.type === 'ordered' || route.type === 'cheapest';
  const spare = spares && inOrder ? drawnSpare(sorted, failover.spareShare, random) : 0;
  const candidates = spare === 0 ? sorted : withFirst(sorted, spare);
  return {
    candidates,
    skipped,
    reason: spare === 0 ? reasonFor(route, candidates, skipped) : 'its share of a spare target',
    attemptsMax: ATTEMPTS_MAX,
    deadlineAtMs,
    failover,
  };
}

// Each target behind the first gets the same small share of requests, so that the spare path is known to work before it is
// needed (Amazon Builders' Library, "Avoiding fallback in distributed systems"). 0 is the usual order.
function drawnSpare(candidates: readonly Target[], share: number, random: () => number): number {
  if (share === 0 || candidates.length < 2) return 0;
  const drawn = Math.floor(random() / share);
  return drawn < candidates.length - 1 ? drawn + 1 : 0;
}

function withFirst(candidates: readonly Target[], place: number): readonly Target[] {
  const first = candidates[place];
  if (first === undefined) return candidates;
  return [first, ...candidates.slice(0, place), ...candidates.slice(place + 1)];
}

function flatten(route: Route, random: () => number): readonly Target[] {
  switch (route.type) {
    case 'target':
      return [route.target];
    case 'ordered':
      return flattenAll(ordered(route.routes), random);
    case 'cheapest':
      return flattenAll(cheapest(route.routes), random);
    case 'weighted':
      return flattenAll(weighted(route.routes, random), random);
    case 'hybrid':
      return flattenAll(hybrid(route.routes, route.lean), random);
    default:
      return unreachable(route);
  }
}

function flattenAll(routes: readonly Route[], random: () => number): readonly Target[] {
  const [only] = routes;
  if (routes.length === 1 && only !== undefined) return flatten(only, random);
  return routes.flatMap((each) => flatten(each, random));
}

// The same target may stand under several models of a chain; it is tried where it stands first.
function withoutRepeats(targets: readonly Target[]): readonly Target[] {
  if (targets.length < 2) return targets;
  const seen = new Set<string>();
  return targets.filter(({ address }) => {
    if (seen.has(address)) return false;
    seen.add(address);
    return true;
  });
}

function reasonFor(route: Route, candidates: readonly Target[], skipped: readonly Skipped[]): string {
  const [first] = candidates;
  if (first === undefined) return 'no target can serve it';
  const passed = skipped.length === 0 ? '' : `, ${skipped.length} passed over`;
  return `${WORDS[route.type](route)}${passed}`;
}

const WORDS: { readonly [Type in Route['type']]: (route: Route) => string } = {
  target: () => 'addressed directly',
  ordered: () => 'first in order',
  cheapest: () => 'cheapest',
  weighted: () => 'drawn by weight',
  hybrid: (route) => (route.type === 'hybrid' ? `${route.lean} tier` : 'tier'),
};
