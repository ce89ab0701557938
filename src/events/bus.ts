import { BoundedQueue } from '../base/bounded-queue.ts';
import type { GatewayEvent } from '../spec/event.ts';
import type { Clock, Log } from '../spec/ports.ts';

/** What hears events. A promise that it returns is waited for before its next event, where it is queued. */
export type EventListener = (event: GatewayEvent) => void | Promise<void>;

/**
 * How a subscriber hears. Without a queue it is called inside `publish`: only for listeners that just count or push, as
 * their time is the request's time. With a queue of this many events it is called later, one event after the other.
 */
export interface SubscribeOptions {
  readonly queue?: number;
  /** How long a queue gathers events before it delivers them together. Default 0: the next turn of the event loop. */
  readonly gatherMs?: number;
  /** The events that it wants. Default all; what it does not want takes no room in its queue. */
  readonly types?: readonly GatewayEvent['type'][];
}

/** A subscription; after `cancel` its listener hears nothing more. */
export interface Subscription {
  readonly name: string;
  /** Events that did not fit into the queue, since the start. */
  readonly lost: number;
  /** Events at which the listener threw or rejected, since the start. */
  readonly failures: number;
  cancel(): void;
}

export interface EventBusOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/** The one event stream: fan-out that a slow or broken subscriber can neither stop nor fill the memory with. */
export class EventBus {
  readonly #clock: Clock;
  readonly #log: Log;
  #subscribers: readonly Subscriber[] = [];

  constructor({ clock, log }: EventBusOptions) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Tells everybody. Never throws and never waits. */
  publish(event: GatewayEvent): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.types === null || subscriber.types.includes(event.type)) subscriber.offer(event);
    }
  }

  /** Adds a listener; the name stands in logs and in the overflow event. */
  subscribe(name: string, listener: EventListener, options: SubscribeOptions = {}): Subscription {
    const context: Context = {
      name,
      listener,
      types: options.types ?? null,
      gatherMs: options.gatherMs ?? 0,
      clock: this.#clock,
      log: this.#log,
      announce: (event) => this.publish(event),
      leave: (subscriber) => {
        this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
      },
    };
    const subscriber =
      options.queue === undefined
        ? new ImmediateSubscriber(context)
        : new QueuedSubscriber(context, options.queue);
    this.#subscribers = [...this.#subscribers, subscriber];
    return subscriber;
  }

  /** Waits until every queue is empty; call it after the last publish, with a deadline of the caller's own. */
  async flush(): Promise<void> {
    await Promise.all(this.#subscribers.map((subscriber) => subscriber.flush()));
  }
}

interface Context {
  readonly name: string;
  readonly listener: EventListener;
  readonly types: SubscribedTypes;
  readonly gatherMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly announce: (event: GatewayEvent) => void;
  readonly leave: (subscriber: Subscriber) => void;
}

/** Null wants everything. */
type SubscribedTypes = readonly GatewayEvent['type'][] | null;

interface Subscriber extends Subscription {
  readonly types: SubscribedTypes;
  offer(event: GatewayEvent): void;
  flush(): Promise<void>;
}

class ImmediateSubscriber implements Subscriber {
  readonly name: string;
  readonly types: SubscribedTypes;
  readonly lost = 0;
  readonly #context: Context;
  readonly #listener: EventListener;
  readonly #failures: FailureCount;

  constructor(context: Context) {
    this.name = context.name;
    this.types = context.types;
    this.#context = context;
    this.#listener = context.listener;
    this.#failures = new FailureCount(context);
  }

  get failures(): number {
    return this.#failures.count;
  }

  offer(event: GatewayEvent): void {
    try {
      const result = this.#listener(event);
      if (result !== undefined) result.catch((error: unknown) => this.#failures.add(error));
    } catch (error) {
      this.#failures.add(error);
    }
  }

  async flush(): Promise<void> {}

  cancel(): void {
    this.#context.leave(this);
  }
}

class QueuedSubscriber implements Subscriber {
  readonly name: string;
  readonly types: SubscribedTypes;
  readonly #context: Context;
  readonly #queue: BoundedQueue<GatewayEvent>;
  readonly #failures: FailureCount;
  #announced = 0;
  #working: Promise<void> | null = null;
  #cancelled = false;

  constructor(context: Context, capacity: number) {
    this.name = context.name;
    this.types = context.types;
    this.#context = context;
    this.#queue = new BoundedQueue(capacity);
    this.#failures = new FailureCount(context);
  }

  get lost(): number {
    return this.#queue.dropped;
  }

  get failures(): number {
    return this.#failures.count;
  }

  offer(event: GatewayEvent): void {
    this.#queue.push(event);
    // A timer and not a microtask: the request that publishes finishes first.
    this.#working ??= this.#turn(this.#context.gatherMs).then(() => this.#work());
  }

  async flush(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#context.leave(this);
  }

  // Ends only when the queue is empty, and never rejects. A long queue is delivered in pieces with turns of the event loop
  // in between, so that it never holds up streams.
  async #work(): Promise<void> {
    while (this.#queue.size > 0) {
      let delivered = 0;
      for (const event of this.#queue.drain()) {
        if (this.#cancelled) continue;
        const waiting = this.#deliver(event);
        if (waiting !== undefined) await waiting;
        delivered += 1;
        if (delivered % PIECE_EVENTS === 0) await this.#turn(0);
      }
      this.#announceLoss();
    }
    this.#working = null;
  }

  // A listener that is done at once costs no promise.
  #deliver(event: GatewayEvent): Promise<void> | undefined {
    try {
      const result = this.#context.listener(event);
      return result === undefined ? undefined : result.catch((error: unknown) => this.#failures.add(error));
    } catch (error) {
      this.#failures.add(error);
      return undefined;
    }
  }

  #turn(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#context.clock.after(ms, resolve);
    });
  }

  // Once per emptied queue, so that the announcement itself cannot become a flood.
  #announceLoss(): void {
    const lost = this.#queue.dropped - this.#announced;
    if (lost === 0 || this.#cancelled) return;
    this.#announced = this.#queue.dropped;
    const { name, clock, log, announce } = this.#context;
    log.warn(`The subscriber "${name}" was too slow and lost ${lost} events; its figures are incomplete.`, {
      subscriber: name,
      lost,
    });
    announce({ type: 'subscriber-overflowed', atMs: clock.nowMs(), subscriber: name, lost });
  }
}

/** At a few microseconds each these are well below a millisecond. */
const PIECE_EVENTS = 100;

// Counts failures and tells of the 1st, 2nd, 4th, 8th ...: a listener that always throws must not flood the log.
class FailureCount {
  readonly #context: Context;
  count = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  add(error: unknown): void {
    this.count += 1;
    if ((this.count & (this.count - 1)) !== 0) return;
    const { name, log } = this.#context;
    log.error(`The subscriber "${name}" failed at an event; requests are not affected.`, {
      subscriber: name,
      failures: this.count,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
