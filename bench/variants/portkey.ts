import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { toolEnvironment } from '../../scripts/tool.ts';
import { startChild } from '../child.ts';
import { freePort } from '../measure/free-port.ts';
import { CPU, freshFolder, SCRATCH } from '../places.ts';
import { isStream, loadName } from '../upstream/load.ts';
import { chatRequest } from '../upstream/request-body.ts';
import { runningVariant } from './running.ts';
import type { Variant } from './variant.ts';

const VERSION = '1.15.2';
// With what npm resolves freshly (@hono/node-server 1.19) every stream of this version ends in a 500; these are the
// versions of its own lockfile.
const MANIFEST = {
  private: true,
  dependencies: { '@portkey-ai/gateway': VERSION },
  overrides: { '@hono/node-server': '1.13.5', hono: '4.9.7' },
};

/** Portkey's open-source gateway from npm, on the same Node, with its default settings. */
export function portkeyVariant(): Variant {
  return {
    name: 'portkey',
    title: `@portkey-ai/gateway ${VERSION}, Node ${process.versions.node}`,
    start: async ({ provider, heldPort }) => {
      const port = await freePort();
      const script = path.join(portkeyFolder(), PACKAGE, 'build', 'start-server.js');
      const child = startChild([process.execPath, script, `--port=${port}`, '--headless'], {
        cpu: CPU.underTest,
        env: { NODE_ENV: 'production' },
        logFile: path.join(freshFolder('portkey-run'), 'output.log'),
      });
      return runningVariant('portkey', child, (load) => ({
        port,
        path: '/v1/chat/completions',
        headers: [
          ['authorization', 'Bearer provider-key'],
          ['x-portkey-provider', 'openai'],
          [
            'x-portkey-custom-host',
            `http://127.0.0.1:${load.pace === 'held' ? heldPort : provider.port}/${loadName(load)}/v1`,
          ],
        ],
        body: chatRequest('gpt-4.1', isStream(load) ? 'stream' : 'json'),
      }));
    },
  };
}

const PACKAGE = path.join('node_modules', '@portkey-ai', 'gateway');

/** Installs Portkey into the scratch folder where it is not there yet; null when it is there, else why it cannot be. */
export function ensurePortkey(): string | null {
  const folder = portkeyFolder();
  if (installedVersion(folder) === VERSION) return null;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(MANIFEST, null, 2)}\n`);
  console.log(`Installing @portkey-ai/gateway ${VERSION} into bench/.scratch…`);
  const npm = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      env: toolEnvironment(),
      encoding: 'utf8',
    },
  );
  if (npm.status === 0) return null;
  return `npm could not install it: ${(npm.stderr ?? '').trim().split('\n').at(-1) ?? 'npm did not start'}`;
}

function portkeyFolder(): string {
  return path.join(SCRATCH, 'portkey');
}

function installedVersion(folder: string): string | null {
  const manifest = path.join(folder, PACKAGE, 'package.json');
  if (!existsSync(manifest)) return null;
  const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return version;
}
