import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ChildOptions {
  /** The processor that it may use. */
  readonly cpu: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** File that takes its output; without one it is gathered in memory. */
  readonly logFile?: string;
}

/** A program that this run started, and will end. */
export interface Child {
  readonly pid: number;
  /** Monotonic milliseconds at which it was started. */
  readonly startedMs: number;
  /** Everything it printed; resolves when it ended. */
  readonly output: Promise<string>;
  readonly running: () => boolean;
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 8_000;

/**
 * Starts a program on one processor, with as many open files as the machine allows. Shell and `taskset` replace themselves
 * by the program, so the process id is the program's own. It ends with this process at the latest.
 */
export function startChild(command: readonly string[], options: ChildOptions): Child {
  const log = options.logFile === undefined ? null : openSync(options.logFile, 'a');
  const startedMs = performance.now();
  const child = spawn(
    'sh',
    ['-c', 'ulimit -n "$(ulimit -Hn)"; exec taskset -c "$@"', 'sh', String(options.cpu), ...command],
    {
      stdio: ['ignore', log ?? 'pipe', log ?? 'pipe'],
      env: { ...process.env, ...options.env },
      cwd: options.cwd,
    },
  );
  if (log !== null) closeSync(log);
  const kill = (): void => void child.kill('SIGTERM');
  process.on('exit', kill);
  const output = gather(child)
    .then((text) => (options.logFile === undefined ? text : readFileSync(options.logFile, 'utf8')))
    .finally(() => process.off('exit', kill));
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return { pid: child.pid ?? 0, startedMs, output, running, stop: () => stop(child, output) };
}

function gather(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}

async function stop(child: ChildProcess, output: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await output;
  clearTimeout(timer);
}
