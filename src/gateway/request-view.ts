import type { MoveView } from '../routing/move.ts';
import { waysToResume } from '../resumption/ways.ts';
import type { ResumeMethod } from '../spec/attempt.ts';
import type { Priority, Standing, TargetHealth } from '../spec/health.ts';
import type { Admitted, RequestRun } from './request-run.ts';

/** What the decisions about one request look at: time, chance, the standing of targets, what the client has been sent. */
export class RequestView implements MoveView {
  readonly #run: RequestRun;
  readonly #health: TargetHealth;
  readonly priority: Priority;
  waitedMs = 0;

  constructor(run: RequestRun, { priority }: Admitted) {
    this.#run = run;
    this.#health = run.ports.health;
    this.priority = priority;
  }

  get nowMs(): number {
    return this.#run.nowMs();
  }

  random(): number {
    return this.#run.ports.runtime.random.next();
  }

  standing(target: string, keyIndex: number): Standing {
    const standing = this.#health.standing(target, keyIndex, this.priority);
    // Told on the wall clock, which may have been set since the request arrived: on its own clock nothing jumps.
    const setMs = 'untilMs' in standing ? Math.floor(this.#run.ports.runtime.clock.nowMs()) - this.nowMs : 0;
    if (!('untilMs' in standing) || Math.abs(setMs) <= 1) return standing;
    return { ...standing, untilMs: standing.untilMs - setMs };
  }

  mayRetry(target: string): boolean {
    return this.#health.mayRetry(target);
  }

  prefill(target: string): boolean | null {
    return this.#health.prefill(target);
  }

  ways(): readonly ResumeMethod[] {
    const { delivery } = this.#run;
    if (delivery === null) return [];
    try {
      return waysToResume(this.#run.decoded(), delivery.delivered());
    } catch {
      // What our decoder does not understand could pass through, but nothing can be added to it.
      return [];
    }
  }
}
