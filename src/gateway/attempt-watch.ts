import type { Clock, Timer } from '../spec/ports.ts';
import type { Waits } from './waits.ts';

/** What a watch asks of, and tells to, its attempt. */
export interface Watched {
  /** Whether the client reads more slowly than the provider sends: silence is then nobody's fault but its own. */
  readonly blocked: boolean;
  /** Whether the answer is whole, whatever the connection does. */
  readonly whole: boolean;
  /** Tokens of output so far, counted or estimated. */
  outputTokens(): number;
  /** No content for too long, or too little of it. */
  tooSlow(message: string): void;
  /** An answer that is not streamed was not complete in time. */
  answerLate(message: string): void;
  /** An answer that is not streamed had begun to come, and stopped. */
  stalled(message: string): void;
  /** The body of an error did not end in time. */
  refusalLate(): void;
  /** The time of the whole request is over. */
  deadlinePassed(): void;
}

/** How often a stream is checked for silence: a share of the limit, so that the check costs nothing per chunk. */
const CHECKS_PER_LIMIT = 4;
/** How long a connection may stay open behind the end of its answer. */
const CLOSING_MS = 1_000;
/** Span over which a stream's speed is judged. */
const SPEED_WINDOW_MS = 30_000;

/** The guards of one attempt: timers that notice what does not come. A piece of a stream only notes the time. */
export class AttemptWatch {
  readonly #clock: Clock;
  readonly #waits: Waits;
  readonly #watched: Watched;
  readonly #startedMs: number;
  #progressMs: number;
  #firstTokenMs: number | null = null;
  #timer: Timer | null = null;
  #deadline: Timer | null = null;
  #stopped = false;
  #bodyMs: number | null = null;
  #speedFromMs = 0;
  #speedFromTokens = 0;

  constructor(clock: Clock, waits: Waits, watched: Watched) {
    this.#clock = clock;
    this.#waits = waits;
    this.#watched = watched;
    this.#startedMs = clock.monotonicMs();
    this.#progressMs = this.#startedMs;
  }

  /** From the start to the first content; null where none came. */
  get firstTokenMs(): number | null {
    return this.#firstTokenMs;
  }

  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  deadlineIn(ms: number): void {
    this.#deadline = this.#clock.after(Math.max(1, ms), () => {
      if (!this.#stopped) this.#watched.deadlinePassed();
    });
  }

  /** Content came; true for the first. */
  progress(): boolean {
    this.#progressMs = this.#clock.monotonicMs();
    if (this.#firstTokenMs !== null) return false;
    this.#firstTokenMs = this.#progressMs - this.#startedMs;
    this.#speedFromMs = this.#progressMs;
    return true;
  }

  /** The client reads again: the time it did not is no silence of the provider. */
  drained(): void {
    this.#progressMs = this.#clock.monotonicMs();
    this.#speedFromMs = this.#progressMs;
    this.#speedFromTokens = this.#watched.outputTokens();
  }

  /** Watches a stream: whether content comes at all, goes on coming, and fast enough. */
  stream(): void {
    // The first content may come right after this; its silence is not to wait for a check that was set for the long wait before it.
    const limit = Math.min(this.#allowed(), this.#waits.idleMs);
    this.#timer = this.#clock.after(Math.max(1, limit / CHECKS_PER_LIMIT), () => {
      if (this.#stopped) return;
      if (!this.#watched.blocked && this.#isSlow()) return;
      this.stream();
    });
  }

  /**
   * Watches an answer that is not streamed. It must be whole in time, for bytes that dribble in are no progress; and once its
   * body has begun it must not stop for longer than a stream may, for then it was being written out already.
   */
  answer(): void {
    const { answerMs, idleMs } = this.#waits;
    const leftMs = answerMs - this.elapsedMs();
    this.#timer = this.#clock.after(Math.max(1, Math.min(leftMs, idleMs / CHECKS_PER_LIMIT)), () => {
      if (this.#stopped) return;
      if (this.elapsedMs() >= answerMs)
        this.#watched.answerLate(`its answer was not complete within ${Math.round(answerMs)} ms`);
      else if (this.#bodyMs !== null && this.#clock.monotonicMs() - this.#bodyMs >= idleMs)
        this.#watched.stalled(`its answer stopped in the middle for ${Math.round(idleMs)} ms`);
      else this.answer();
    });
  }

  /** A piece of an answer that is not streamed came. */
  arrived(): void {
    this.#bodyMs = this.#clock.monotonicMs();
  }

  /** What an error says is worth a short wait, not the whole of the time that another target could use. */
  refusal(): void {
    this.#timer = this.#clock.after(this.#waits.idleMs, () => {
      if (!this.#stopped) this.#watched.refusalLate();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#deadline?.cancel();
  }

  #allowed(): number {
    return this.#firstTokenMs === null ? this.#waits.firstTokenMs : this.#waits.idleMs;
  }

  #isSlow(): boolean {
    const allowed = this.#allowed();
    const nowMs = this.#clock.monotonicMs();
    const limit = this.#watched.whole ? Math.min(CLOSING_MS, allowed) : allowed;
    if (nowMs - this.#progressMs >= limit) {
      this.#watched.tooSlow(
        this.#firstTokenMs === null
          ? `no content came within ${Math.round(allowed)} ms`
          : `its stream was silent for ${Math.round(allowed)} ms`,
      );
      return true;
    }
    return this.#crawls(nowMs);
  }

  #crawls(nowMs: number): boolean {
    const least = this.#waits.minTokensPerSecond;
    if (least === 0 || this.#firstTokenMs === null || nowMs - this.#speedFromMs < SPEED_WINDOW_MS)
      return false;
    const tokens = this.#watched.outputTokens();
    const speed = ((tokens - this.#speedFromTokens) * 1000) / (nowMs - this.#speedFromMs);
    this.#speedFromMs = nowMs;
    this.#speedFromTokens = tokens;
    if (speed >= least || this.#watched.whole) return false;
    this.#watched.tooSlow(
      `its stream gave ${speed.toFixed(1)} tokens a second, less than the ${least.toFixed(1)} allowed`,
    );
    return true;
  }
}
