import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOn, temporaryFolder, type Running } from '../cli/run.ts';

const KEY = 'client-key-4fQz81LmXw27TrKc';
const ENV = { BELLWETHER_KEY: KEY, BELLWETHER_ADMIN_KEY: 'admin-key-9sHd53PvNb06YjGe' };
const CONFIG = `server: { port: 0 }
providers:
  sim: { kind: simulated }
models:
  first: { targets: [sim/gpt-4.1] }
`;

let here = temporaryFolder();
let running: Running[] = [];
beforeEach(() => {
  here = temporaryFolder();
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop('SIGKILL')));
  running = [];
  here.remove();
});

async function serve() {
  const file = path.join(here.folder, 'bellwether.yaml');
  writeFileSync(file, CONFIG);
  const gateway = runOn(['serve'], { cwd: here.folder, env: ENV });
  running.push(gateway);
  const [, url = ''] = await gateway.until(/listens on (http:\S+)\n[^]*-d '/);
  return { gateway, url, file };
}

async function chat(url: string): Promise<{ readonly status: number; readonly ms: number }> {
  const startMs = performance.now();
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'x-api-key': KEY, 'content-type': 'application/json', 'idempotency-key': `k${startMs}` },
    body: JSON.stringify({ model: 'first', messages: [{ role: 'user', content: 'Say hello' }] }),
  });
  await answer.text();
  return { status: answer.status, ms: performance.now() - startMs };
}

async function models(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/v1/models`, { headers: { 'x-api-key': KEY } });
  const { data } = JSON.parse(await answer.text());
  return data.map(({ id }: { id: string }) => id);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('a database file that another program holds in a write transaction', () => {
  it('stops no request, is told of, and is written to again afterwards', async () => {
    const { gateway, url } = await serve();
    const other = new DatabaseSync(path.join(here.folder, 'data/bellwether.db'), { timeout: 5_000 });
    other.exec('BEGIN IMMEDIATE');
    const seen = [];
    for (let n = 0; n < 20; n += 1) seen.push(await chat(url));
    expect(seen.map(({ status }) => status)).toEqual(seen.map(() => 200));
    await gateway.until(/The request log cannot be written at present; requests are not affected/);
    expect(JSON.parse(await (await fetch(`${url}/healthz`)).text())).toMatchObject({ status: 'degraded' });
    other.exec('ROLLBACK');
    const rows = () => other.prepare('SELECT count(*) AS n FROM request_log').get()?.['n'];
    for (let turn = 0; turn < 400 && rows() !== 20; turn += 1) await pause(50);
    expect(rows()).toBe(20);
    other.close();
    expect((await gateway.stop()).code).toBe(0);
  });
});

describe('a configuration file', () => {
  it('that is empty, as one is that is just being written, is refused, and read when it is whole', async () => {
    const { gateway, url, file } = await serve();
    writeFileSync(file, '');
    await gateway.until(/bellwether\.yaml: the file is empty/);
    await gateway.until(/the configuration was refused; the one before stays in force/);
    expect(await models(url)).toEqual(['first']);
    writeFileSync(file, `${CONFIG}  second: { targets: [sim/gpt-4.1] }\n`);
    await gateway.until(/model second added/);
    expect(await models(url)).toEqual(['first', 'second']);
  });
});
