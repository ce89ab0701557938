import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from '../../scripts/build.ts';
import { ROOT } from '../../scripts/tool.ts';
import { startChild } from '../child.ts';
import { freePort } from '../measure/free-port.ts';
import { CPU, freshFolder, SCRATCH } from '../places.ts';
import { isStream, LOADS, loadName, type Load, type Wire } from '../upstream/load.ts';
import { chatRequest } from '../upstream/request-body.ts';
import { runningVariant } from './running.ts';
import type { RunningVariant, Surroundings, Variant } from './variant.ts';

/** Everything of the package that runs, copied aside so that a later build does not change it under a measurement. */
const COPY = path.join(SCRATCH, 'package');
const PACKAGED = path.join(COPY, 'dist', 'cli', 'main.js');
const SOURCES = path.join(ROOT, 'src', 'cli', 'main.ts');
const CLIENT_KEY = 'bench-client-key-4fQz81LmXw27TrKc';
const ADMIN_KEY = 'bench-admin-key-9sHd53PvNb06YjGe';

/** Kind of provider and upstream model for each wire; all of them have prices in the catalogue. */
const PROVIDERS: Readonly<
  Record<Wire, { readonly kind: string; readonly model: string; readonly base: string }>
> = {
  openai: { kind: 'openai', model: 'gpt-4.1', base: '/v1' },
  anthropic: { kind: 'anthropic', model: 'claude-sonnet-4-5', base: '/v1' },
  gemini: { kind: 'gemini', model: 'gemini-2.5-flash', base: '/v1beta' },
};

/**
 * This gateway as a user runs it, with everything on: virtual key, priced models, metrics, request log in SQLite on disk,
 * access log into a file.
 */
export function gatewayVariant(): Variant {
  return {
    name: 'gateway',
    title: `Bellwether ${packageVersion()}, Node ${process.versions.node}`,
    start: (surroundings) =>
      startIn({ name: 'gateway', packaged: PACKAGED, folder: freshFolder('gateway') }, surroundings),
  };
}

/** The package that is built in another checkout, in the same surroundings. */
export function beforeVariant(checkout: string): Variant {
  const packaged = path.join(path.resolve(checkout), 'dist', 'cli', 'main.js');
  return {
    name: 'before',
    title: `the build in ${path.basename(path.resolve(checkout))}`,
    start: (surroundings) =>
      startIn({ name: 'before', packaged, folder: freshFolder('before') }, surroundings),
  };
}

interface Build {
  readonly name: 'gateway' | 'before';
  /** Its program. */
  readonly packaged: string;
  readonly folder: string;
}

async function startIn(
  { name, packaged, folder }: Build,
  surroundings: Surroundings,
): Promise<RunningVariant> {
  const port = await freePort();
  const file = path.join(folder, 'bellwether.yaml');
  writeFileSync(file, JSON.stringify(configuration(port, folder, surroundings), null, 2));
  const { profileArgs } = surroundings;
  const program = profileArgs === undefined ? [packaged] : [...profileArgs, SOURCES];
  const child = startChild([process.execPath, ...program, 'serve', '--config', file], {
    cpu: CPU.underTest,
    cwd: folder,
    env: {
      NODE_ENV: 'production',
      BELLWETHER_KEY: CLIENT_KEY,
      BELLWETHER_ADMIN_KEY: ADMIN_KEY,
      BENCH_PROVIDER_KEY: 'provider-key',
    },
    logFile: path.join(folder, 'output.log'),
  });
  return runningVariant(name, child, (load) => ({
    port,
    path: '/v1/chat/completions',
    headers: [['authorization', `Bearer ${CLIENT_KEY}`]],
    body: chatRequest(loadName(load), isStream(load) ? 'stream' : 'json'),
  }));
}

function configuration(port: number, folder: string, { provider, heldPort }: Surroundings): object {
  const portOf = (load: Load): number => (load.pace === 'held' ? heldPort : provider.port);
  const loads = LOADS.filter((load) => portOf(load) !== 0);
  const providers = loads.map((load) => {
    const { kind, base } = PROVIDERS[load.wire];
    const address = `http://127.0.0.1:${portOf(load)}/${loadName(load)}${base}`;
    return [loadName(load), { kind, base_url: address, key: 'env:BENCH_PROVIDER_KEY' }];
  });
  const models = loads.map((load) => [
    loadName(load),
    {
      targets: [`${loadName(load)}/${PROVIDERS[load.wire].model}`],
      timeouts: { idle_ms: 600_000 },
    },
  ]);
  return {
    server: { port },
    store: { url: `sqlite:${path.join(folder, 'bellwether.db')}` },
    providers: Object.fromEntries(providers),
    models: Object.fromEntries(models),
  };
}

/** Builds the package and copies it aside; null when that went well, else why not. */
export async function ensureGateway(how: 'build' | 'as it is'): Promise<string | null> {
  if (how === 'build') {
    console.log('Building the package…');
    const built = await build();
    if (!built.ok) return `the build failed: ${built.output}`;
  }
  rmSync(COPY, { recursive: true, force: true });
  cpSync(path.join(ROOT, 'dist'), path.join(COPY, 'dist'), { recursive: true });
  cpSync(path.join(ROOT, 'package.json'), path.join(COPY, 'package.json'));
  return null;
}

function packageVersion(): string {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
  );
  return version;
}
