import { typed } from '../typed.ts';
import { startInstance } from '../../compose/instance.ts';
import { CommandError } from '../exit.ts';
import { answersAt, localUrl } from '../gateway-address.ts';
import { secretText } from '../secret-text.ts';
import { locateGateway, readSettings, type Settings, type SettingsOptions } from '../settings.ts';

export interface ConnectOptions extends SettingsOptions {
  readonly url?: string;
  readonly key?: string;
  readonly embedded?: boolean;
}

/** A gateway to talk to, in another process or in this one. */
export interface Connection {
  readonly url: string;
  readonly key: string;
  /** What the person should know about it. */
  readonly words: string;
  close(): Promise<void>;
}

/** Finds the gateway: the one named, the one of this configuration if it runs, or one started inside this process. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const named = options.url ?? process.env['BELLWETHER_URL'];
  const key = options.key
    ? secretText(options.key, '--key')
    : secretText(process.env['BELLWETHER_KEY'], 'BELLWETHER_KEY');
  if (named !== undefined && named !== '' && !options.embedded)
    return running(named.replace(/\/+$/, ''), key);
  const url = localUrl((await locateGateway(options)).server);
  if (!options.embedded && (await answersAt(url))) return running(url, key);
  return embedded(await readSettings(options));
}

function running(url: string, key: string | undefined): Connection {
  if (key === undefined) {
    throw new CommandError(
      'auth',
      `A gateway runs at ${url}, and talking to it needs a key: set BELLWETHER_KEY or give --key. Its first start printed ` +
        `one; "${typed('keys create --name NAME')}" makes another. Or answer from this process alone with --embedded.`,
    );
  }
  return { url, key, words: `Talking to ${url}.`, close: () => Promise.resolve() };
}

async function embedded(settings: Settings): Promise<Connection> {
  const { config, path, standIns } = settings;
  const instance = await startInstance({
    loaded: {
      ...settings,
      config: {
        ...config,
        server: { ...config.server, host: '127.0.0.1', port: 0 },
        store: { url: 'memory:', requestLogDays: 0 },
        observe: { logLevel: 'silent', accessLog: false, metrics: 'off' },
      },
    },
  });
  const rights = {
    role: 'inference',
    models: null,
    directTargets: true,
    tags: [],
    expiresAtMs: null,
  } as const;
  const { plain } = await instance.keys.issue({ ...rights, name: 'chat' });
  const over = path ?? (standIns ? 'simulated providers' : 'the providers whose keys are in the environment');
  return {
    url: instance.server.url,
    key: plain,
    words: `No gateway runs at ${localUrl(config.server)}; this process answers itself, over ${over}.`,
    close: async () => {
      await instance.close(0);
    },
  };
}
