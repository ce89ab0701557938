import type { FailoverConfig } from '../../config/config.ts';
import type { ErrorKind } from '../../spec/error.ts';
import type { GatewayEvent } from '../../spec/event.ts';
import type { CallResult } from '../../spec/health.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { HealthBook } from '../health-book.ts';

/** The defaults of the section `failover`. */
export const FAILOVER: FailoverConfig = {
  resume: 'resume',
  spareShare: 0.01,
  hedge: null,
  keepAnswersS: 0,
  minTokensPerSecond: null,
  breaker: {
    consecutiveFailures: 5,
    failureShare: 0.2,
    minRequests: 20,
    windowMs: 30_000,
    openMs: 5_000,
    openMaxMs: 120_000,
    closeAfterSuccesses: 3,
    rampMs: 30_000,
  },
  retryBudget: { share: 0.2, minimum: 3 },
  concurrency: { min: 64, max: 10_000 },
  probes: { everyMs: 60_000, timeoutMs: 10_000, failuresDown: 3, retryMs: 300_000 },
  clientKeepAliveMs: 15_000,
};

export interface HealthFixture {
  readonly book: HealthBook;
  readonly clock: VirtualClock;
  readonly events: readonly GatewayEvent[];
  /** Changes of circuits in the order in which they came: `closed>open: why`. */
  readonly changes: () => string[];
  /** Types of all events in the order in which they came. */
  readonly types: () => string[];
}

/** A memory on a virtual clock. */
export function healthFixture(
  options: { config?: FailoverConfig; seed?: number; entriesMax?: number } = {},
): HealthFixture {
  const clock = new VirtualClock();
  const events: GatewayEvent[] = [];
  const book = new HealthBook({
    clock,
    random: seededRandom(options.seed ?? 1),
    config: options.config ?? FAILOVER,
    publish: (event) => events.push(event),
    ...(options.entriesMax === undefined ? {} : { entriesMax: options.entriesMax }),
  });
  return {
    book,
    clock,
    events,
    changes: () =>
      events.flatMap((event) =>
        event.type === 'circuit-changed' ? [`${event.from}>${event.to}: ${event.reason}`] : [],
      ),
    types: () => events.map((event) => event.type),
  };
}

/** A call that failed. */
export function failed(kind: ErrorKind, retryAfterMs: number | null = null): CallResult {
  return { type: 'failed', kind, message: 'it broke', retryAfterMs };
}

/** A call that was answered; not streamed where no time is given. */
export function answered(firstTokenMs: number | null = null, outputTokens: number | null = null): CallResult {
  return { type: 'answered', firstTokenMs, durationMs: (firstTokenMs ?? 0) + 1_000, outputTokens };
}
