import type { Timer } from '../spec/ports.ts';

/**
 * A coarse timer wheel. Setting and cancelling cost a few assignments whatever the number of timers, and one system timer
 * serves them all: a gateway has tens of thousands of time limits under way of which nearly none is ever reached.
 * A timer fires at most one tick late and never early.
 */
export class TimerWheel {
  readonly #wake: (ms: number, callback: () => void) => () => void;
  readonly #now: () => number;
  readonly #slots: (Entry | null)[] = Array.from({ length: SLOTS }, () => null);
  #count = 0;
  /** Ticks up to and including this one have been served. */
  #servedTick: number;
  #wakeTick = Infinity;
  #cancelWake: () => void = () => undefined;

  /** `now` is a monotonic clock in milliseconds, `wake` sets the one system timer and returns how to cancel it. */
  constructor(now: () => number, wake: (ms: number, callback: () => void) => () => void) {
    this.#now = now;
    this.#wake = wake;
    this.#servedTick = Math.floor(now() / TICK_MS);
  }

  /** How many timers wait. */
  get size(): number {
    return this.#count;
  }

  after(ms: number, callback: () => void): Timer {
    if (this.#count === 0) this.#servedTick = Math.floor(this.#now() / TICK_MS);
    const tick = Math.max(Math.ceil((this.#now() + ms) / TICK_MS), this.#servedTick + 1);
    const entry = new Entry(this, tick, callback);
    const slot = tick & SLOT_MASK;
    const first = this.#slots[slot] ?? null;
    entry.next = first;
    if (first !== null) first.previous = entry;
    this.#slots[slot] = entry;
    this.#count += 1;
    if (tick < this.#wakeTick) this.#arm(tick);
    return entry;
  }

  /** Takes an entry out of its slot; the entry's own `cancel` is the way to call it. */
  remove(entry: Entry): void {
    if (entry.previous === null) this.#slots[entry.tick & SLOT_MASK] = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next !== null) entry.next.previous = entry.previous;
    entry.previous = null;
    entry.next = null;
    this.#count -= 1;
    if (this.#count === 0) this.#disarm();
  }

  #arm(tick: number): void {
    this.#cancelWake();
    this.#wakeTick = tick;
    const ms = Math.max(1, Math.ceil(tick * TICK_MS - this.#now()));
    this.#cancelWake = this.#wake(ms, () => {
      this.#serve();
    });
  }

  #disarm(): void {
    this.#cancelWake();
    this.#wakeTick = Infinity;
  }

  /** Fires what is due, oldest tick first, then sleeps until the next slot that holds anything. */
  #serve(): void {
    this.#wakeTick = Infinity;
    const nowTick = Math.floor(this.#now() / TICK_MS);
    // After a long stall one turn of the wheel reaches every slot.
    const from = Math.max(this.#servedTick + 1, nowTick - SLOT_MASK);
    const due: Entry[] = [];
    for (let tick = from; tick <= nowTick; tick += 1) this.#collect(tick & SLOT_MASK, nowTick, due);
    this.#servedTick = Math.max(this.#servedTick, nowTick);
    this.#armNext();
    for (const entry of due) entry.fire();
  }

  #collect(slot: number, nowTick: number, due: Entry[]): void {
    for (let entry = this.#slots[slot] ?? null; entry !== null; entry = entry.next) {
      if (entry.tick <= nowTick) due.push(entry);
    }
  }

  /** Slots may hold entries of a later turn, or entries that fire right now; then the wheel wakes once for nothing. */
  #armNext(): void {
    if (this.#count === 0) return;
    for (let tick = this.#servedTick + 1; tick <= this.#servedTick + SLOTS; tick += 1) {
      if (this.#slots[tick & SLOT_MASK] === null) continue;
      this.#arm(tick);
      return;
    }
  }
}

/** Sixteen milliseconds: coarse enough to share one system timer, fine enough for waits of a second and more. */
export const TICK_MS = 16;
const SLOTS = 1024;
const SLOT_MASK = SLOTS - 1;

class Entry implements Timer {
  readonly tick: number;
  previous: Entry | null = null;
  next: Entry | null = null;
  readonly #wheel: TimerWheel;
  /** Null once fired or cancelled, so that nothing the callback holds is kept alive. */
  #callback: (() => void) | null;

  constructor(wheel: TimerWheel, tick: number, callback: () => void) {
    this.#wheel = wheel;
    this.tick = tick;
    this.#callback = callback;
  }

  cancel(): void {
    if (this.#callback === null) return;
    this.#callback = null;
    this.#wheel.remove(this);
  }

  fire(): void {
    const callback = this.#callback;
    if (callback === null) return;
    this.cancel();
    callback();
  }
}
