import { spawn } from 'node:child_process';
import path from 'node:path';

/** Root folder of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '..');

/** How a tool ended, with everything that it printed. */
export interface ToolResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs an installed tool (a name in node_modules/.bin) in the root folder and gathers its output. */
export function runTool(name: string, ...args: readonly string[]): Promise<ToolResult> {
  return runProgram(path.join(ROOT, 'node_modules', '.bin', name), ...args);
}

/** Runs a program of the machine in the root folder and gathers its output. */
export function runProgram(program: string, ...args: readonly string[]): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: toolEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const gather = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', gather);
    child.stderr.on('data', gather);
    child.on('error', (error) => resolve({ ok: false, output: `${program}: ${error.message}` }));
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}

/** The environment in which tools find the Node that runs this script, not an older one of the machine. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const own = path.dirname(process.execPath);
  return { ...process.env, PATH: `${own}${path.delimiter}${process.env['PATH'] ?? ''}` };
}
