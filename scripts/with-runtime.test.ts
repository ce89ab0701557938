import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './tool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-runtime-'));
const program = path.join(folder, 'program.ts');
writeFileSync(
  program,
  `const [mode, ...rest]: string[] = process.argv.slice(2);
   if (mode === 'echo') {
     console.log(JSON.stringify({ rest, secret: process.env['SECRET'] }));
     process.exitCode = 7;
   } else if (mode === 'stdin') {
     process.stdin.pipe(process.stdout);
   } else {
     process.on('SIGTERM', () => { console.log('asked to end'); process.exit(3); });
     setInterval(() => undefined, 1000);
     console.log('ready');
   }
  `,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function start(args: readonly string[]): {
  readonly child: ReturnType<typeof spawn>;
  readonly said: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, ['scripts/with-runtime.mjs', program, ...args], {
    cwd: ROOT,
    env: { ...process.env, SECRET: 'whisper' },
  });
  return { child, ...listen(child) };
}

function listen(child: ReturnType<typeof spawn>): {
  readonly said: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
} {
  let output = '';
  let heard = (): void => undefined;
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
    heard();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => {
      heard = () => (output.includes(text) ? resolve() : undefined);
      heard();
    });
  return { said, ended };
}

describe('the script that runs a file on the pinned Node', () => {
  it('passes arguments and environment on, and ends with the exit code of the program', async () => {
    const { ended } = start(['echo', 'two words', '--flag']);
    const { code, output } = await ended;
    expect(JSON.parse(output)).toEqual({ rest: ['two words', '--flag'], secret: 'whisper' });
    expect(code).toBe(7);
  });

  it('passes standard input on', async () => {
    const { child, ended } = start(['stdin']);
    child.stdin?.end('through');
    expect((await ended).output).toBe('through');
  });

  it('ends the program when the shell that npm started it with is gone', async () => {
    const command = `"${process.execPath}" scripts/with-runtime.mjs "${program}" wait; exit 9`;
    const shell = spawn('sh', ['-c', command], {
      cwd: ROOT,
      env: { ...process.env, npm_lifecycle_event: 'start' },
    });
    const heard = listen(shell);
    await heard.said('ready');
    shell.kill('SIGKILL');
    // The output closes when the last process that holds it ends.
    expect((await heard.ended).output).toContain('asked to end');
  });

  it('passes SIGTERM on and waits for the program to end in its own way', async () => {
    const { child, said, ended } = start(['wait']);
    await said('ready');
    child.kill('SIGTERM');
    const { code, output } = await ended;
    expect(output).toContain('asked to end');
    expect(code).toBe(3);
  });
});
