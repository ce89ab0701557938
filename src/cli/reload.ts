import { statSync, watchFile } from 'node:fs';
import { reload } from '../compose/gateway-control.ts';
import type { Instance } from '../compose/instance.ts';
import type { LoadedConfig } from '../compose/load-config.ts';
import { describeFailure } from './failure.ts';

interface Reloading {
  readonly instance: Instance;
  readonly reread: () => LoadedConfig;
  /** The configuration file. */
  readonly path: string;
}

/** A file that changed is read when it has not changed for as long: whoever writes it may not be done. */
const STILL_MS = 200;
/** Asking the file every second works for editors that replace it, links that are moved, and network folders alike. */
const LOOK_EVERY_MS = 1_000;

/**
 * Reads the configuration again whenever its file changes; the function returned does so on request. A bad configuration is
 * refused whole, with every problem in the log, and the one before stays in force.
 */
export function reloadOnChange({ instance, reread, path }: Reloading): (why: string) => void {
  let running = Promise.resolve();
  const again = (why: string): void => {
    running = running.then(() => reloadOnce({ instance, reread, path }, why));
  };
  watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size) {
      whenStill(path, () => again('the file changed'));
    }
  });
  return again;
}

function whenStill(path: string, then: () => void): void {
  const before = markOf(path);
  setTimeout(() => {
    if (markOf(path) === before) then();
    else whenStill(path, then);
  }, STILL_MS).unref();
}

// What changes when a file is written; the same for a file that is not there.
function markOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

async function reloadOnce({ instance, reread, path }: Reloading, why: string): Promise<void> {
  const { log } = instance.runtime;
  try {
    const outcome = await reload({ composed: instance, reread });
    if (outcome.type === 'reloaded') {
      const changes = outcome.changes.join('; ') || 'nothing changed';
      log.info('the configuration was read again and is in force', { path, why, changes });
      return;
    }
    for (const problem of outcome.problems) log.error(problem, { why });
    log.error('the configuration was refused; the one before stays in force', { path, why });
  } catch (error) {
    log.error('the configuration could not be read again; the one before stays in force', {
      path,
      why,
      error: describeFailure(error),
    });
  }
}
