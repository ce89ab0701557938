import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, runOn, temporaryFolder, type Running } from '../cli/run.ts';

const KEY = 'client-key-4fQz81LmXw27TrKc';
const ADMIN = 'admin-key-9sHd53PvNb06YjGe';
const ENV = { BELLWETHER_KEY: KEY, BELLWETHER_ADMIN_KEY: ADMIN };

let here = temporaryFolder();
let running: Running[] = [];
beforeEach(() => {
  here = temporaryFolder();
  writeFileSync(
    path.join(here.folder, 'bellwether.yaml'),
    `server: { port: 0 }
providers:
  sim: { kind: simulated }
models:
  chat: { targets: [sim/gpt-4.1] }
  stuck: { targets: ["sim/gpt-4.1#hang-mid:2"], failover: { keep_answers_s: 60 } }
  slow: { targets: ["sim/gpt-4.1#slow:1500"], failover: { keep_answers_s: 1 } }
`,
  );
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop('SIGKILL')));
  running = [];
  here.remove();
});

async function serve(): Promise<{ readonly gateway: Running; readonly url: string }> {
  const gateway = runOn(['serve'], { cwd: here.folder, env: ENV });
  running.push(gateway);
  const [, url = ''] = await gateway.until(/listens on (http:\S+)\n[^]*-d '/);
  return { gateway, url };
}

// oxlint-disable-next-line max-params -- a request as fetch takes it
function post(
  url: string,
  body: object,
  headers: { readonly [name: string]: string } = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    ...(signal === undefined ? {} : { signal }),
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function answerOf(url: string, id: string, key = KEY): Promise<Response> {
  return fetch(`${url}/v1/answers/${id}`, { headers: { authorization: `Bearer ${key}` } });
}

function ask(model: string, stream: boolean): object {
  return { model, stream, messages: [{ role: 'user', content: 'Tell a tale of three words' }] };
}

async function until<Value>(look: () => Promise<Value | null>): Promise<Value> {
  for (let turn = 0; turn < 200; turn += 1) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return expect.unreachable('it never came');
}

describe('over sockets', () => {
  it('gives the same bytes again, also after kill -9, and keeps no key in plain text', async () => {
    const before = await serve();
    const once = { 'idempotency-key': 'order-4711' };
    const first = await (await post(before.url, ask('chat', true), once)).text();
    expect(first).toContain('[DONE]');
    const again = await post(before.url, ask('chat', true), once);
    expect([again.headers.get('idempotent-replayed'), await again.text()]).toEqual(['true', first]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await before.gateway.stop('SIGKILL');
    const database = new DatabaseSync(path.join(here.folder, 'data/bellwether.db'), { readOnly: true });
    const rows = database.prepare('SELECT id, key_id FROM answer').all();
    database.close();
    const [row] = rows;
    const digest = createHash('sha256')
      .update(`${String(row?.['key_id'])}\norder-4711`)
      .digest('hex');
    expect(rows).toHaveLength(1);
    expect(row?.['id']).toBe(`key:${digest}`);
    const after = await serve();
    const replayed = await post(after.url, ask('chat', true), once);
    expect([replayed.headers.get('idempotent-replayed'), await replayed.text()]).toEqual(['true', first]);
    expect(replayed.headers.get('content-type')).toContain('text/event-stream');
    expect((await post(after.url, ask('chat', false), once)).status).toBe(422);
    // Another caller's key of the same text is another request.
    const made = await run(['keys', 'create', '--name', 'other'], {
      cwd: here.folder,
      env: { ...ENV, BELLWETHER_URL: after.url },
    });
    const authorization = `Bearer ${made.stdout.trim()}`;
    const other = await post(after.url, ask('chat', true), { ...once, authorization });
    expect([other.status, other.headers.get('idempotent-replayed')]).toEqual([200, null]);
    await other.text();
  });

  it('finishes the answer of a client that left, tells that it runs, and gives it to its own key until its time is over', async () => {
    const { url, gateway } = await serve();
    const leaving = new AbortController();
    const gone = post(url, ask('slow', false), {}, leaving.signal).catch(() => null);
    await until(async () => {
      const health = await (await fetch(`${url}/healthz`)).text();
      return health.includes('"in_flight":1') ? true : null;
    });
    leaving.abort();
    await gone;
    // The client never saw the id; the log has it.
    const [, id = ''] = await gateway.until(/"request_id":"(req_\w+)"[^\n]*"status":200/);
    const answer = await answerOf(url, id);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-bellwether-request-id')).toBe(id);
    expect(JSON.parse(await answer.text()).choices[0].finish_reason).toBe('stop');
    expect((await answerOf(url, id, ADMIN)).status).toBe(404);
    expect((await answerOf(url, id, 'wrong-key-3jWd91HsLq55Zx')).status).toBe(401);
    expect((await answerOf(url, 'req_0')).status).toBe(404);
    const expired = await until(async () => {
      const late = await answerOf(url, id);
      return late.status === 200 ? null : late;
    });
    expect([expired.status, JSON.parse(await expired.text()).status]).toEqual([410, 'expired']);
  });

  it('tells of an answer that is not finished with 202', async () => {
    const { url } = await serve();
    const leaving = new AbortController();
    const stream = await post(url, ask('stuck', true), {}, leaving.signal);
    const early = await answerOf(url, stream.headers.get('x-bellwether-request-id') ?? '');
    expect([early.status, early.headers.get('retry-after'), JSON.parse(await early.text()).status]).toEqual([
      202,
      '1',
      'running',
    ]);
    leaving.abort();
  });
});
