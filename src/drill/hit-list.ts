import type { Attempt } from '../spec/attempt.ts';
import type { GatewayEvent } from '../spec/event.ts';

/** A call that met a fault. */
export interface Hit {
  readonly drillId: string;
  readonly provider: string;
  /** Short name of the fault. */
  readonly fault: string;
  readonly atMs: number;
}

/** Requests that are remembered at once; the hits of more are made and not reported. */
const REQUESTS_MAX = 100_000;

/** Which requests under way met a fault, and with which of their calls. */
export class HitList {
  readonly #hits = new Map<string, Hit[]>();

  /** Requests that met a fault and have not ended. */
  get size(): number {
    return this.#hits.size;
  }

  add(requestId: string, hit: Hit): void {
    const hits = this.#hits.get(requestId);
    if (hits !== undefined) hits.push(hit);
    else if (this.#hits.size < REQUESTS_MAX) this.#hits.set(requestId, [hit]);
  }

  /** The hits of a request that ended, which is forgotten with this. */
  take(requestId: string): readonly Hit[] {
    const hits = this.#hits.get(requestId) ?? [];
    this.#hits.delete(requestId);
    return hits;
  }

  /** Requests under way that met this drill. */
  underWay(drillId: string): number {
    let count = 0;
    for (const hits of this.#hits.values()) if (hits.some((hit) => hit.drillId === drillId)) count += 1;
    return count;
  }

  /** The event with the attempts that failed by a drill saying so, so that no log takes a drill for an outage. */
  marked(event: GatewayEvent): GatewayEvent {
    if (event.type !== 'attempt-finished' && event.type !== 'request-finished') return event;
    const hits = this.#hits.get(event.requestId);
    if (hits === undefined) return event;
    return event.type === 'attempt-finished'
      ? { ...event, attempt: markedAttempt(event.attempt, hits) }
      : { ...event, attempts: event.attempts.map((attempt) => markedAttempt(attempt, hits)) };
  }
}

function markedAttempt(attempt: Attempt, hits: readonly Hit[]): Attempt {
  const { outcome } = attempt;
  if (outcome.type !== 'failed') return attempt;
  const hit = hits.find((each) => belongs(each, attempt));
  if (hit === undefined) return attempt;
  return { ...attempt, outcome: { ...outcome, message: `drill: ${hit.fault}: ${outcome.message}` } };
}

// A call is made while its attempt lasts; two clocks that round differently lie between them.
function belongs(hit: Hit, { provider, startedAtMs, durationMs }: Attempt): boolean {
  const sinceMs = hit.atMs - startedAtMs;
  return hit.provider === provider && sinceMs >= -ROUNDING_MS && sinceMs <= durationMs + ROUNDING_MS;
}

const ROUNDING_MS = 2;
