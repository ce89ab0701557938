import { unreachable } from '../base/assert.ts';
import type { Priority, Standing } from '../spec/health.ts';
import type { Target } from './target.ts';

/** What a choice goes by: chance, and how targets stand. */
export interface ChoiceView {
  random(): number;
  readonly priority: Priority;
  /** How a target stands for a call under one of its keys. */
  standing(target: string, keyIndex: number): Standing;
  /** Whether the retry budgets allow one more call that is not the first of its request. */
  mayRetry(target: string): boolean;
}

/** A target with one of its keys. */
export interface Place {
  readonly target: Target;
  readonly keyIndex: number;
}

/** The outcome of a choice. */
export type Choice =
  | { readonly type: 'place'; readonly place: Place }
  /** Everything is parked by its provider's own word; this is the first to come free. */
  | { readonly type: 'parked'; readonly place: Place; readonly untilMs: number }
  /** Everything is at its limit, and this request's priority waits for nobody. */
  | { readonly type: 'full' }
  | { readonly type: 'none' };

/**
 * Chooses where to call, in the order of the candidates, by how they stand: first what is well (a recovering target by its
 * share), then what is recovering though it was not its turn, then what is full, then, because one must be called while
 * there is one (Envoy's panic mode), an open circuit or a guess at a limit. What a provider itself said it will refuse until
 * a time is never called before it. Of several keys one is drawn, so that no key's limit is met while others idle.
 */
export function choose(candidates: readonly Target[], view: ChoiceView, first: boolean): Choice {
  let spare: Place | null = null;
  let full: Place | null = null;
  let forced: { place: Place; untilMs: number } | null = null;
  let parked: { place: Place; untilMs: number } | null = null;
  for (const target of candidates) {
    const drawn = target.keyCount === 1 ? 0 : Math.floor(view.random() * target.keyCount);
    for (let offset = 0; offset < target.keyCount; offset += 1) {
      const keyIndex = (drawn + offset) % target.keyCount;
      const standing = view.standing(target.address, keyIndex);
      switch (standing.type) {
        case 'probe':
          return { type: 'place', place: { target, keyIndex } };
        case 'ready':
          if (standing.share >= 1 || view.random() < standing.share)
            return { type: 'place', place: { target, keyIndex } };
          spare ??= { target, keyIndex };
          break;
        case 'full':
          full ??= { target, keyIndex };
          break;
        case 'open':
          forced = sooner(forced, { target, keyIndex }, standing.untilMs);
          break;
        case 'parked':
          if (standing.told) parked = sooner(parked, { target, keyIndex }, standing.untilMs);
          else forced = sooner(forced, { target, keyIndex }, standing.untilMs);
          break;
        default:
          return unreachable(standing);
      }
    }
  }
  if (spare !== null) return { type: 'place', place: spare };
  if (full !== null && view.priority !== 'low') return { type: 'place', place: full };
  // The panic rule is for the first call of a request; more of them would multiply an outage of everything.
  if (forced !== null && (first || view.mayRetry(forced.place.target.address)))
    return { type: 'place', place: forced.place };
  if (parked !== null) return { type: 'parked', ...parked };
  return full === null ? { type: 'none' } : { type: 'full' };
}

function sooner(
  best: { place: Place; untilMs: number } | null,
  place: Place,
  untilMs: number,
): { place: Place; untilMs: number } {
  return best !== null && best.untilMs <= untilMs ? best : { place, untilMs };
}
