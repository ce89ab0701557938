import type { Instance } from '../../compose/instance.ts';
import { openStoresEarly } from '../../compose/open-stores.ts';
import { growWithLoad } from '../../node/heap.ts';
import { describeStartFailure } from '../start-failure.ts';
import { stopOnSignals } from '../drain.ts';
import { adoptKeys, makeKeys, type KeyNeeds } from '../first-keys.ts';
import { reloadOnChange } from '../reload.ts';
import { readSettings, type Settings, type SettingsOptions } from '../settings.ts';
import { startScreen } from '../start-screen.ts';
import { print } from '../terminal.ts';
import { terminalLog } from '../terminal-log.ts';

/** `bellwether serve`: starts the gateway and its HTTP server. */
export async function serve(options: SettingsOptions): Promise<void> {
  const settings = await readSettings(options);
  const { reread } = settings;
  const { instance, needs } = await start(settings);
  const reload = reread === null ? null : reloadOnChange({ instance, reread, path: settings.path ?? '' });
  stopOnSignals(instance, reload);
  growWithLoad();
  print(startScreen({ instance, settings, keys: await makeKeys(instance.keys, needs) }));
}

function writeOut(line: string): void {
  process.stdout.write(line);
}

async function start(settings: Settings): Promise<{ readonly instance: Instance; readonly needs: KeyNeeds }> {
  const { reread } = settings;
  let needs: KeyNeeds = { missing: [] };
  try {
    const stores = openStoresEarly(settings.config);
    const { startInstance } = await import('../../compose/instance.ts');
    const instance = await startInstance({
      loaded: settings,
      stores,
      source: settings.path,
      ...(process.stdout.isTTY ? { log: terminalLog(settings.config.observe.logLevel, writeOut) } : {}),
      ...(reread === null ? {} : { reread }),
      prepare: async (keys) => {
        needs = await adoptKeys(keys, process.env);
      },
    });
    return { instance, needs };
  } catch (error) {
    throw describeStartFailure(error, settings.config.server);
  }
}
