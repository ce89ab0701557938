import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/tool.ts';

const MAIN = path.join(ROOT, 'src/cli/main.ts');
/** Dozens of short processes load the same sources: compiled once, each takes a third of the time. */
const COMPILED = path.join(ROOT, 'node_modules/.cache/bellwether-compiled');

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: { readonly [name: string]: string };
  readonly input?: string;
}

/** A folder of its own for one test, and the way to remove it. */
export function temporaryFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-cli-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs the real command line to its end, in an environment without keys of providers. */
export async function run(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const child = start(args, options);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  child.stdin?.end(options.input ?? '');
  const code = await ended(child);
  return { code, stdout: await stdout, stderr: await stderr };
}

/** A command that goes on until it is told to stop. */
export interface Running {
  readonly child: ChildProcess;
  /** Everything on standard output so far. */
  output(): string;
  /** Waits until the output matches; fails when the process ends before, or after ten seconds. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

/** Starts a command that stays. */
export function runOn(args: readonly string[], options: RunOptions): Running {
  const child = start(args, options);
  let [stdout, stderr] = ['', ''];
  const listeners = new Set<() => void>();
  const heard = (): void => listeners.forEach((listener) => listener());
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const end = ended(child).then((code) => ({ code, stdout, stderr }));
  return {
    child,
    output: () => stdout,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return end;
    },
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout);
          if (match === null) return;
          clearTimeout(limit);
          listeners.delete(look);
          resolve(match);
        };
        const fail = (why: string): void =>
          reject(new Error(`${why} before ${pattern}:\n${stdout}${stderr}`));
        const limit = setTimeout(() => fail('ten seconds passed'), 10_000);
        listeners.add(look);
        void end.then(() => fail('the process ended'));
        look();
      }),
  };
}

function start(args: readonly string[], { cwd, env }: RunOptions): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE: COMPILED, ...env },
  });
}

async function collect(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const piece of stream ?? []) text += String(piece);
  return text;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
