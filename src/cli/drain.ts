import type { Instance } from '../compose/instance.ts';
import { listenForSignals } from '../node/signals.ts';
import { counted, duration } from './format/amount.ts';
import { EXIT } from './exit.ts';
import { say } from './terminal.ts';

/** How long requests under way may take to finish after the signal to stop. */
const GRACE_MS = 300_000;

/**
 * SIGTERM and SIGINT let requests under way finish and end the process with 0; a second one ends it at once. SIGHUP reads
 * the configuration again.
 */
export function stopOnSignals(instance: Instance, reload: ((why: string) => void) | null): void {
  const { log } = instance.runtime;
  const tell = (message: string, signal: string): void => {
    if (process.stderr.isTTY) say(`\n${message}`);
    else log.info(message, { signal });
  };
  listenForSignals({
    onStop: (signal) => {
      tell(farewell(instance.gateway.inFlight), signal);
      void instance.close(GRACE_MS).then(
        () => process.exit(EXIT.ok),
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

function farewell(inFlight: number): string {
  if (inFlight === 0) return 'Stopping: no request is under way.';
  return (
    `Stopping: ${counted(inFlight, 'request')} may finish (at most ${duration(GRACE_MS)}), no new ones are taken. ` +
    'Once more to stop at once.'
  );
}
