import type { Run } from './runs.ts';

/**
 * Why less than a whole answer, an exact wait or one certain kind is expected of a fault. Everything that is not in this
 * list costs the caller of a healthy second provider nothing, or is told him because it is about his own request.
 */
export type Weakness = 'nobody-left' | 'blocked' | 'repeated' | 'wait' | 'chance';

/** The whole list; `survival.test.ts` counts it. */
export const WEAKER: { readonly [id: string]: { readonly weakness: Weakness; readonly reason: string } } = {
  'capacity-all': {
    weakness: 'nobody-left',
    reason: 'all targets fail: the caller can only be told, and every target is asked first',
  },
  'gemini-200-blocked': {
    weakness: 'blocked',
    reason: 'a provider that declines to answer has answered: nobody else is asked to say it',
  },
  'gemini-200-safety': {
    weakness: 'blocked',
    reason: 'the same, said of the answer and not of the prompt',
  },
  'sse-dup-chunk': {
    weakness: 'repeated',
    reason: 'a repeated event is passed on: nothing on these wires proves that it was not meant',
  },
  'openai-429-rpm': {
    weakness: 'wait',
    reason: 'its wait is a date without a `date` beside it, and the table is read at a time of its own',
  },
  'retry-after-past': { weakness: 'wait', reason: 'the same with a date that is over' },
  'sse-no-done': {
    weakness: 'chance',
    reason: 'behind the finish a wire without an end marker is whole, one with a marker is not',
  },
  'gzip-bomb': {
    weakness: 'chance',
    reason: 'the limit of bytes or the time for an answer: which is first decides',
  },
  'huge-event': { weakness: 'chance', reason: 'the same within one event' },
};

/** What is weaker of this run; null where nothing is. */
export function weaknessOf({ id }: Run): Weakness | null {
  return Object.hasOwn(WEAKER, id) ? (WEAKER[id]?.weakness ?? null) : null;
}
