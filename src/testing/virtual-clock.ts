import type { Clock, Timer } from '../spec/ports.ts';

interface Waiting {
  readonly atMs: number;
  /** Timers of the same moment fire in the order in which they were set. */
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** A clock whose time passes only when it is told to. Timers fire in the order of their time, each at its own moment. */
export class VirtualClock implements Clock {
  #nowMs: number;
  /** What the wall clock was set forward (or back, below 0) while time passed. */
  #wallStepMs = 0;
  #order = 0;
  #live = 0;
  /** A binary heap by time and order. */
  readonly #heap: Waiting[] = [];

  constructor(startMs = 1_800_000_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs + this.#wallStepMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Timers that are set and neither fired nor cancelled. */
  get timers(): number {
    return this.#live;
  }

  /** When the next timer fires, on the monotonic clock; null where none is set. */
  get nextMs(): number | null {
    return this.#next()?.atMs ?? null;
  }

  after(ms: number, callback: () => void): Timer {
    this.#order += 1;
    this.#live += 1;
    const waiting: Waiting = {
      atMs: this.#nowMs + Math.max(0, ms),
      order: this.#order,
      callback,
      cancelled: false,
    };
    this.#push(waiting);
    return {
      cancel: () => {
        if (waiting.cancelled) return;
        waiting.cancelled = true;
        this.#live -= 1;
      },
    };
  }

  /** Sets the wall clock forward or back, as operators and time servers do; no time passes. */
  stepWall(ms: number): void {
    this.#wallStepMs += ms;
  }

  /** Lets this much time pass; whatever a timer sets in motion runs before the next timer. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    while ((this.#next()?.atMs ?? Infinity) <= untilMs) await this.step();
    this.#nowMs = untilMs;
  }

  /** The same in one go, for code that awaits nothing: what promises set in motion runs only afterwards. */
  advanceAtOnce(ms: number): void {
    const untilMs = this.#nowMs + ms;
    while ((this.#next()?.atMs ?? Infinity) <= untilMs) this.#fire();
    this.#nowMs = untilMs;
  }

  /** Goes to the next timer and fires it; false where none is set. */
  async step(): Promise<boolean> {
    if (!this.#fire()) return false;
    await settled();
    return true;
  }

  /** Lets time pass until `done` says so; false where timers ran out, or this much time, before. */
  async runUntil(done: () => boolean, msMax: number): Promise<boolean> {
    const untilMs = this.#nowMs + msMax;
    await settled();
    while (!done()) {
      if ((this.#next()?.atMs ?? Infinity) > untilMs) return false;
      await this.step();
    }
    return true;
  }

  #fire(): boolean {
    const waiting = this.#next();
    if (waiting === undefined) return false;
    this.#pop();
    this.#nowMs = Math.max(this.#nowMs, waiting.atMs);
    waiting.cancelled = true;
    this.#live -= 1;
    waiting.callback();
    return true;
  }

  // The earliest timer that was not cancelled.
  #next(): Waiting | undefined {
    while (this.#heap[0]?.cancelled === true) this.#pop();
    return this.#heap[0];
  }

  #push(waiting: Waiting): void {
    const heap = this.#heap;
    heap.push(waiting);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLater(parent, at)) return;
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return;
    heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const smaller = this.#later(left, left + 1) ? left + 1 : left;
      if (smaller >= heap.length || !this.#swapIfLater(at, smaller)) return;
      at = smaller;
    }
  }

  #later(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.atMs > second.atMs || (first.atMs === second.atMs && first.order > second.order);
  }

  #swapIfLater(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined || !this.#later(a, b)) return false;
    this.#heap[a] = second;
    this.#heap[b] = first;
    return true;
  }
}

/** Lets everything that waits for settled promises run, however long its chain of awaits. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
