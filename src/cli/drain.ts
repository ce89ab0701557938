import type { DrainReport } from '../compose/drain.ts';
import type { Instance } from '../compose/instance.ts';
import type { ServerConfig } from '../config/config.ts';
import { listenForSignals } from '../node/signals.ts';
import { counted, duration } from './format/amount.ts';
import { EXIT } from './exit.ts';
import { say } from './terminal.ts';

/** How long readiness fails before connections are refused, where balancers may be looking. */
const DELAY_MS = 2_000;
/** The process lives until everything is closed, also while nothing but a timer is left of it. */
const ALIVE_EVERY_MS = 60_000;

/**
 * SIGTERM and SIGINT let requests under way finish and end the process: with 0, or with 1 where some had to be cut; a second
 * one ends it at once. SIGHUP reads the configuration again.
 */
export function stopOnSignals(instance: Instance, reload: ((why: string) => void) | null): void {
  const { log } = instance.runtime;
  const { server } = instance.gateway.snapshot.config;
  const graceMs = server.drainMs;
  const delayMs = server.drainDelayMs ?? usualDelayMs(server);
  const tell = (message: string, signal: string): void => {
    if (process.stderr.isTTY) say(`\n${message}`);
    else log.info(message, { signal });
  };
  listenForSignals({
    onStop: (signal) => {
      tell(farewell(instance.gateway.inFlight, graceMs), signal);
      setInterval(() => undefined, ALIVE_EVERY_MS);
      void instance.close(graceMs, delayMs).then(
        (report) => process.exit(exitCode(report, graceMs)),
        (error: unknown) => {
          say(`The gateway did not close cleanly: ${String(error)}`);
          process.exit(EXIT.failure);
        },
      );
    },
    onForcedStop: (signal) => {
      say(`Stopped at once on a second ${signal}; ${counted(instance.gateway.inFlight, 'request')} cut off.`);
      process.exit(EXIT.failure);
    },
    onReload: () => {
      if (reload === null) log.warn('SIGHUP: there is no configuration file to read again', {});
      else reload('SIGHUP');
    },
  });
}

// Nobody balances traffic towards an address of this machine alone, and whoever sits at a terminal does not want to wait.
function usualDelayMs({ host }: ServerConfig): number {
  return process.stderr.isTTY || /^(127\.|::1$|localhost$)/.test(host) ? 0 : DELAY_MS;
}

function farewell(inFlight: number, graceMs: number): string {
  if (inFlight === 0) return 'Stopping: no request is under way.';
  return (
    `Stopping: ${counted(inFlight, 'request')} may finish (at most ${duration(graceMs)}), no new ones are taken. ` +
    'Once more to stop at once.'
  );
}

// The log is closed by now, so the last word goes to standard error.
function exitCode({ cut }: DrainReport, graceMs: number): number {
  if (cut === 0) return EXIT.ok;
  say(`Stopped: ${counted(cut, 'request')} did not finish within ${duration(graceMs)} and were cut off.`);
  return EXIT.failure;
}
