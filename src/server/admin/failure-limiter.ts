import type { Clock } from '../../spec/ports.ts';

/** Most failures of one address within the window. */
const FAILURES_MAX = 5;
/** How long a failure counts. */
const FAILURE_WINDOW_MS = 15 * 60_000;

/**
 * Slows down whoever guesses admin keys: after five failures within a quarter of an hour an address is not listened to until
 * the oldest of them is that old, whatever key it brings, or a right guess would betray itself.
 */
export class FailureLimiter {
  readonly #clock: Clock;
  // In the order of the latest failure, so that the first is the one to forget when the table is full.
  readonly #failures = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long this address must wait, 0 where it need not. */
  waitMs(address: string): number {
    const recent = this.#recent(networkOf(address));
    const oldest = recent[recent.length - FAILURES_MAX];
    return oldest === undefined ? 0 : oldest + FAILURE_WINDOW_MS - this.#clock.monotonicMs();
  }

  /** Notes a failure. */
  failed(address: string): void {
    const network = networkOf(address);
    const failures = [...this.#recent(network), this.#clock.monotonicMs()].slice(-FAILURES_MAX);
    this.#failures.delete(network);
    this.#failures.set(network, failures);
    if (this.#failures.size > ADDRESSES_MAX) {
      const [first] = this.#failures.keys();
      if (first !== undefined) this.#failures.delete(first);
    }
  }

  /** Forgets the failures of an address that brought a right key. */
  succeeded(address: string): void {
    this.#failures.delete(networkOf(address));
  }

  #recent(network: string): readonly number[] {
    const sinceMs = this.#clock.monotonicMs() - FAILURE_WINDOW_MS;
    return (this.#failures.get(network) ?? []).filter((atMs) => atMs > sinceMs);
  }
}

const ADDRESSES_MAX = 10_000;

// A customer with IPv6 has 2^64 addresses and more, so the network counts; IPv4 in IPv6 is the same host as without.
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  while (tail !== undefined && groups.length + after < 8) groups.push('0');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...groups, ...rest].slice(0, 4).join(':');
}
