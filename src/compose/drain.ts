import type { Gateway } from '../gateway/gateway.ts';
import type { ListeningServer } from '../server/http.ts';
import { GatewayError } from '../spec/error.ts';
import type { Clock } from '../spec/ports.ts';

/** How long each step of stopping may take, in milliseconds. */
export interface DrainTimes {
  /** New requests are still served, while the readiness check fails already. */
  readonly delayMs: number;
  /** Then nothing new is taken, and requests under way may finish. */
  readonly graceMs: number;
}

/** What came of it. */
export interface DrainReport {
  /** Requests that were not finished in time: their clients were told, or cut off. */
  readonly cut: number;
}

export interface DrainParts {
  readonly gateway: Gateway;
  readonly server: ListeningServer;
  readonly clock: Clock;
}

/**
 * Stops serving without breaking anything off: answers are the last of their connections, then no connections are taken,
 * then what is left at the end of the grace is told so in the envelope of its own protocol.
 */
export async function drain(
  { gateway, server, clock }: DrainParts,
  { delayMs, graceMs }: DrainTimes,
): Promise<DrainReport> {
  server.retire();
  if (delayMs > 0) await pause(clock, delayMs);
  const deadlineMs = clock.monotonicMs() + graceMs;
  const closing = server.close(graceMs + TELL_MS);
  // A kept answer has no connection any more, but is not finished either.
  while (gateway.inFlight > 0 && clock.monotonicMs() < deadlineMs) await pause(clock, LOOK_MS);
  const cut = gateway.inFlight;
  const giveUpMs = clock.monotonicMs() + TELL_MS;
  while (gateway.inFlight > 0 && clock.monotonicMs() < giveUpMs) {
    gateway.interrupt(
      new GatewayError('shutting_down', 'This instance was stopped before the answer was complete.'),
    );
    await pause(clock, LOOK_MS);
  }
  await closing;
  return { cut };
}

const LOOK_MS = 20;
/** How long it may take to tell the clients of what is cut. */
const TELL_MS = 1_000;

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
