import { onTestFinished } from 'vitest';
import type { Clock, Log } from '../../spec/ports.ts';
import type { WireRequest } from '../../spec/wire.ts';
import { createClock } from '../clock.ts';
import { createTransport, type NodeTransport, type TransportOptions } from '../transport.ts';
import {
  plainAnswer,
  startFaultServer,
  type FaultServer,
  type FaultStep,
  type ReceivedRequest,
} from './fault-server.ts';
import { record, testRequest, type RecordedCall } from './recorder.ts';

/** A fault server, a transport, and a way to send from one to the other; all are closed when the test is over. */
export interface TransportHarness {
  readonly server: FaultServer;
  readonly transport: NodeTransport;
  /** Messages the transport logged as errors. A test that expects one takes it out; any left fails the test. */
  readonly errors: string[];
  readonly send: (overrides?: Partial<WireRequest>, path?: string) => RecordedCall;
}

type Script = ((request: ReceivedRequest) => readonly FaultStep[]) | readonly FaultStep[];

/** Starts a harness whose server answers by the script. */
export async function startHarness(
  script: Script,
  options: TransportOptions = {},
  clock: Clock = createClock(),
): Promise<TransportHarness> {
  const errors: string[] = [];
  const log: Log = { ...SILENT_LOG, error: (message) => errors.push(message) };
  const server = await startFaultServer(typeof script === 'function' ? script : () => script);
  const transport = createTransport({ clock, log }, options);
  onTestFinished(async () => {
    await transport.close();
    await server.close();
    if (errors.length > 0) throw new Error(`the transport logged: ${errors.join('; ')}`);
  });
  const send = (overrides: Partial<WireRequest> = {}, path = '/'): RecordedCall =>
    record(transport, testRequest(server.url + path, overrides));
  return { server, transport, errors, send };
}

/** A log that says nothing. */
export const SILENT_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Writes these bytes. */
export function write(bytes: string): FaultStep {
  return { type: 'write', bytes };
}

/** A sound answer with the body `ok`. */
export const OK = write(plainAnswer('ok'));

/** Lets the event loop turn, so that whatever was going to happen without a cause has happened. */
export async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** A clock whose timers fire when the test says so, by the length of their wait. */
export function manualClock(): {
  readonly clock: Clock;
  readonly timers: ReadonlySet<unknown>;
  readonly fire: (ms: number) => void;
} {
  const timers = new Set<{ ms: number; callback: () => void }>();
  let nowMs = 1000;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (ms, callback) => {
      const timer = { ms, callback };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
  };
  const fire = (ms: number): void => {
    nowMs += ms;
    for (const timer of timers) {
      if (timer.ms !== ms) continue;
      timers.delete(timer);
      timer.callback();
    }
  };
  return { clock, timers, fire };
}
