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
  const reserve = new Reserve();
  for (const target of candidates) {
    const drawn = target.keyCount === 1 ? 0 : Math.floor(view.random() * target.keyCount);
    for (let offset = 0; offset < target.keyCount; offset += 1) {
      const place = { target, keyIndex: (drawn + offset) % target.keyCount };
      const standing = view.standing(target.address, place.keyIndex);
      if (isWell(standing, view)) return { type: 'place', place };
      reserve.note(place, standing);
    }
  }
  return reserve.choice(view, first);
}

function isWell(standing: Standing, view: ChoiceView): boolean {
  if (standing.type === 'probe') return true;
  return standing.type === 'ready' && (standing.share >= 1 || view.random() < standing.share);
}

interface Until {
  readonly place: Place;
  readonly untilMs: number;
}

/** What is not well but better than nothing, the best of each sort. */
class Reserve {
  #recovering: Place | null = null;
  #full: Place | null = null;
  #forced: Until | null = null;
  #parked: Until | null = null;

  note(place: Place, standing: Standing): void {
    switch (standing.type) {
      case 'ready':
      case 'probe':
        this.#recovering ??= place;
        return;
      case 'full':
        this.#full ??= place;
        return;
      case 'open':
        this.#forced = sooner(this.#forced, place, standing.untilMs);
        return;
      case 'parked':
        if (standing.told) this.#parked = sooner(this.#parked, place, standing.untilMs);
        else this.#forced = sooner(this.#forced, place, standing.untilMs);
        return;
      default:
        unreachable(standing);
    }
  }

  choice(view: ChoiceView, first: boolean): Choice {
    if (this.#recovering !== null) return { type: 'place', place: this.#recovering };
    // What is well but busy is no reason to call what is broken.
    if (this.#full !== null)
      return view.priority === 'low' ? { type: 'full' } : { type: 'place', place: this.#full };
    // The panic rule is free for few calls of a request; more of them would multiply an outage of everything.
    const forced = this.#forced?.place ?? null;
    if (forced !== null && (first || view.mayRetry(forced.target.address)))
      return { type: 'place', place: forced };
    if (this.#parked !== null) return { type: 'parked', ...this.#parked };
    return { type: 'none' };
  }
}

function sooner(best: Until | null, place: Place, untilMs: number): Until {
  return best !== null && best.untilMs <= untilMs ? best : { place, untilMs };
}
