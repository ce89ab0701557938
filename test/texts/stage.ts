import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/tool.ts';
import type { Block, Marker } from './blocks.ts';

/** How a block ended, with everything that it printed. */
export interface Performance {
  readonly code: number | null;
  readonly output: string;
}

/** A folder and a running gateway over simulated providers, in which the blocks of the texts are run in their order. */
export interface Stage {
  /** Runs a block of shell commands or of JavaScript, in a folder that all blocks of a text share. */
  run(text: string, block: Block, marker: Extract<Marker, { type: 'run' }>): Promise<Performance>;
  /** Puts a block into that folder as a file. */
  put(text: string, name: string, block: Block): void;
  close(): Promise<void>;
}

const MAIN = path.join(ROOT, 'src/cli/main.ts');
const KEYS = {
  BELLWETHER_KEY: 'key-for-the-blocks-of-these-texts',
  BELLWETHER_ADMIN_KEY: 'admin-key-for-the-blocks-of-these-texts',
};
/** Values for references to secrets; nothing is ever sent with them. */
const PROVIDER_KEYS = { OPENAI_API_KEY: 'not-a-key', ANTHROPIC_API_KEY: 'not-a-key' };

/** Starts the gateway as `npm start` does. The folder lies inside the repository, so that imports find its packages. */
export async function openStage(): Promise<Stage> {
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(path.join(ROOT, '.cache', 'texts-'));
  const environment = { ...cleanEnvironment(), ...KEYS, NO_COLOR: '1' };
  const gateway = spawn(process.execPath, [MAIN, 'serve', '--port', '0'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await urlOf(gateway);
  const folderOf = (text: string): string => {
    const own = path.join(folder, path.basename(text, '.md'));
    mkdirSync(own, { recursive: true });
    return own;
  };
  return {
    run: (text, block, { withKeys }) =>
      perform(block, url, {
        cwd: folderOf(text),
        env: { ...environment, BELLWETHER_URL: url, ...(withKeys ? PROVIDER_KEYS : {}) },
      }),
    put: (text, name, { code }) => writeFileSync(path.join(folderOf(text), name), code),
    close: async () => {
      const gone = new Promise((resolve) => gateway.once('exit', resolve));
      gateway.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// A key in the environment of whoever runs the tests must not make the gateway call a real provider.
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/_API_KEY$|^BELLWETHER_/.test(name));
  return { ...Object.fromEntries(kept), NODE_NO_WARNINGS: '1' };
}

function urlOf(gateway: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let screen = '';
    gateway.stdout?.on('data', (chunk: Buffer) => {
      screen += chunk.toString('utf8');
      const url = /listens on (?<url>http:\S+)/.exec(screen)?.groups?.['url'];
      if (url !== undefined) resolve(url);
    });
    gateway.once('exit', (code) =>
      reject(new Error(`The gateway ended with ${code} before it listened:\n${screen}`)),
    );
  });
}

interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

function perform(block: Block, url: string, surroundings: Surroundings): Promise<Performance> {
  const code = block.code.replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost):8484/g, url);
  if (block.language === 'sh') return finished('sh', ['-e', '-c', `${COMMANDS}${code}`], surroundings);
  if (block.language !== 'js') throw new Error(`A block of "${block.language}" cannot be run.`);
  const file = path.join(surroundings.cwd, `block-${block.line}.mjs`);
  // The published package is this repository, built; here its sources run.
  const source = code
    .replaceAll("'bellwether'", `'${path.join(ROOT, 'src/index.ts')}'`)
    .replaceAll("'bellwether/testing'", `'${path.join(ROOT, 'src/testing.ts')}'`);
  writeFileSync(file, source);
  return finished(process.execPath, [file], surroundings);
}

// `npm run bellwether --` is what package.json says it is (a test compares); without npm it takes a quarter of the time.
const COMMANDS = `
bellwether() { "${process.execPath}" "${MAIN}" "$@"; }
npm() { [ "$1 $2 $3" = "run bellwether --" ] || exit 99; shift 3; bellwether "$@"; }
`;

function finished(
  program: string,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<Performance> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...surroundings, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const gather = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', gather);
    child.stderr.on('data', gather);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
