import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, runOn, temporaryFolder, type Outcome, type Running } from './run.ts';

let here = temporaryFolder();
let gateway: Running | null = null;
beforeEach(() => {
  here = temporaryFolder();
});
afterEach(async () => {
  await gateway?.stop('SIGKILL');
  gateway = null;
  here.remove();
});

const KEYS = {
  BELLWETHER_KEY: 'client-key-4fQz81LmXw27TrKc',
  BELLWETHER_ADMIN_KEY: 'admin-key-9sHd53PvNb06YjGe',
};

const CONFIG = `
providers:
  ill: { kind: simulated }
  spare: { kind: simulated }
models:
  first: { targets: [ill/gpt-4.1] }
  second: { targets: [ill/gpt-4.1, spare/gpt-4.1] }
failover:
  breaker: { consecutive_failures: 2 }
  # What runs asks for itself how it is: no caller has to find out.
  probes: { every_ms: 300, retry_ms: 300, failures_down: 2 }
`;

async function serve(): Promise<string> {
  writeFileSync(path.join(here.folder, 'bellwether.yaml'), CONFIG);
  gateway = runOn(['serve', '--port', '0'], { cwd: here.folder, env: KEYS });
  const [, url = ''] = await gateway.until(/listens on (http:\S+)\n/);
  return url;
}

describe('report health', () => {
  it('tells of a running gateway what is down and what is well again, and ends accordingly', async () => {
    const url = await serve();
    const env = { ...KEYS, BELLWETHER_URL: url };
    const cli = (...args: readonly string[]): Promise<Outcome> => run(args, { cwd: here.folder, env });

    const well = await cli('report', 'health');
    expect(well).toMatchObject({ code: 0, stderr: '' });
    expect(well.stdout).toMatch(/^2\/2 models healthy at \d{4}-/);
    expect(well.stdout).toMatch(/^ +ill\/gpt-4\.1 +takes calls +0 /m);

    await cli('simulate', 'fault', 'ill', 'down');
    await gateway?.until(/"message":"ill\/gpt-4\.1 is down after \d failures in a row, the last: /);
    await gateway?.until(/"message":"ill\/gpt-4\.1 is left alone for a while: /);
    const down = await cli('report', 'health');
    expect(down).toMatchObject({ code: 1, stderr: '' });
    const said = down.stdout.split('\n');
    expect(said[0]).toMatch(/^1\/2 models healthy at /);
    expect(said[3]).toMatch(/^down {2}first +0 of 1 targets +[1-9]\d* +\d+ s ago$/);
    expect(said[5]).toMatch(/^weak {2}second +1 of 2 targets +0 /);
    expect(down.stdout).toMatch(/What went wrong last\n {2}ill\/gpt-4\.1: upstream_/);

    const { code, stdout } = await cli('report', 'health', '--json');
    expect(code).toBe(1);
    const target = {
      target: 'ill/gpt-4.1',
      healthy: false,
      last_error: expect.stringContaining('upstream_'),
    };
    expect(JSON.parse(stdout)).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      status: 'degraded',
      healthy: 1,
      total: 2,
      summary: '1/2 models healthy',
      models: [
        { model: 'first', healthy: false, targets: [target] },
        { model: 'second', healthy: true, targets: [target, { target: 'spare/gpt-4.1', healthy: true }] },
      ],
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('ai_target_healthy{target="ill/gpt-4.1"} 0\n');
    expect(metrics).toContain('ai_target_healthy{target="spare/gpt-4.1"} 1\n');
    expect(metrics).toMatch(/^ai_circuit_changes_total\{target="ill\/gpt-4\.1",to="open"\} [1-9]/m);

    await cli('simulate', 'fault', 'ill', 'none');
    await gateway?.until(/"message":"ill\/gpt-4\.1 answers again after \d+ (ms|s)\."/);
    const again = await cli('report', 'health');
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^2\/2 models healthy at /);
    expect(again.stdout).toMatch(/^ +ill\/gpt-4\.1 +(recovering|takes calls) +0 /m);
  });

  it('needs a gateway that runs, and its admin key', async () => {
    const nobody = await run(['report', 'health', '--url', 'http://127.0.0.1:9'], {
      cwd: here.folder,
      env: KEYS,
    });
    expect([nobody.code, nobody.stderr]).toEqual([6, expect.stringContaining('No gateway answers at')]);
    const url = await serve();
    const env = { BELLWETHER_URL: url, BELLWETHER_ADMIN_KEY: KEYS.BELLWETHER_KEY };
    expect((await run(['report', 'health'], { cwd: here.folder, env })).code).toBe(3);
  });
});
