import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/base/json.ts';
import { startInstance, type Instance, type InstanceOptions } from '../../src/compose/instance.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { createSecrets } from '../../src/node/secrets.ts';

/** A gateway that listens on a free port, with a temporary data folder. */
export interface RunningGateway {
  /** Its address, without a version. */
  readonly url: string;
  /** A virtual key that may do everything. */
  readonly key: string;
  readonly instance: Instance;
  close(): Promise<void>;
}

/** The reference by which the providers of a test name their key. */
export const PROVIDER_KEY = 'env:CONFORMANCE_PROVIDER_KEY';

/** Starts a gateway with these sections of its configuration; `log` takes its lines instead of standard output. */
export async function openGateway(
  sections: JsonObject,
  log?: InstanceOptions['log'],
): Promise<RunningGateway> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bellwether-conformance-'));
  process.env['CONFORMANCE_PROVIDER_KEY'] = 'sk-provider';
  const value = {
    store: { url: `sqlite:${path.join(folder, 'bellwether.db')}` },
    observe: { log_level: 'silent' },
    ...sections,
    server: { port: 0, ...section(sections, 'server') },
  };
  const loaded = loadConfig({ type: 'value', value }, createSecrets());
  const instance = await startInstance({ loaded, ...(log === undefined ? {} : { log }) });
  const issued = await instance.keys.issue({
    role: 'inference',
    name: 'conformance',
    models: null,
    directTargets: true,
    tags: [],
    expiresAtMs: null,
  });
  return {
    url: instance.server.url,
    key: issued.plain,
    instance,
    close: async () => {
      await instance.close(0);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function section(sections: JsonObject, name: string): JsonObject {
  return (sections[name] ?? {}) as JsonObject;
}
