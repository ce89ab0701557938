import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { plainAnswer, startFaultServer } from './testing/fault-server.ts';

const RUNTIME = JSON.stringify(fileURLToPath(new URL('./runtime.ts', import.meta.url)));

/** Runs a script in a process of its own, with `runtime` at hand; resolves with its exit code and output. */
function runScript(
  script: string,
  processLife: 'hold' | 'release',
): Promise<{ code: number | null; output: string }> {
  const source = `
    import { createNodeRuntime } from ${RUNTIME};
    const { runtime } = createNodeRuntime({ processLife: '${processLife}' });
    ${script}`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('a process that has nothing left to do', () => {
  it('ends although timers are set', async () => {
    const script = 'runtime.clock.after(3_600_000, () => {}); runtime.clock.after(500, () => {});';
    expect(await runScript(script, 'release')).toEqual({ code: 0, output: '' });
  });

  it('ends although a connection is kept', async () => {
    const server = await startFaultServer(() => [{ type: 'write', bytes: plainAnswer('ok') }]);
    onTestFinished(() => server.close());
    const script = `
      runtime.transport.send(
        { method: 'GET', url: '${server.url}/', headers: [], body: '', connectTimeoutMs: 9000, headTimeoutMs: 9000,
          allowPrivate: true },
        { onHead() {}, onData(bytes) { process.stdout.write(bytes); }, onEnd() {}, onFail() {} });`;
    for (const processLife of ['release', 'hold'] as const) {
      expect(await runScript(script, processLife)).toEqual({ code: 0, output: 'ok' });
    }
  });

  it('waits for its timers where it is told to', async () => {
    const script = `await new Promise((resolve) => runtime.clock.after(1001, resolve)); process.stdout.write('waited');`;
    expect(await runScript(script, 'hold')).toEqual({ code: 0, output: 'waited' });
  });
});
