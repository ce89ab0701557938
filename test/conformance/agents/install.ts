import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../../scripts/tool.ts';

/** An npm package that brings a coding agent, and its program. */
export interface AgentPackage {
  readonly name: string;
  readonly program: string;
}

/** Where the program is, or why it cannot be had here. */
export type Installed =
  | { readonly type: 'here'; readonly program: string }
  | { readonly type: 'missing'; readonly reason: string };

const FOLDER = path.join(ROOT, '.cache', 'agents');
const INSTALL_MS = 120_000;
const START_MS = 20_000;

const run = promisify(execFile);

/**
 * Installs an agent once into a folder of its own beside the project, never through the project's lockfile: it is large,
 * and it is not ours. What was installed before is used again.
 */
export async function installAgent({ name, program }: AgentPackage): Promise<Installed> {
  const place = path.join(FOLDER, name.replaceAll(/[@/]/g, '-').replace(/^-/, ''));
  const file = path.join(place, 'node_modules', '.bin', program);
  try {
    if (!existsSync(file)) {
      await mkdir(place, { recursive: true });
      await writeFile(path.join(place, 'package.json'), '{ "private": true }\n');
      const args = ['install', '--no-audit', '--no-fund', '--fetch-retries=1', '--prefix', place, name];
      await run('npm', args, { cwd: place, timeout: INSTALL_MS });
    }
    await run(file, ['--version'], { timeout: START_MS });
    return { type: 'here', program: file };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { type: 'missing', reason: `it could not be installed: ${text.split('\n')[0]}` };
  }
}
