import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOn, temporaryFolder, type Running } from '../cli/run.ts';

const KEY = 'client-key-4fQz81LmXw27TrKc';
const ADMIN = 'admin-key-9sHd53PvNb06YjGe';

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

interface Settings {
  readonly http: 'fast' | 'node';
  readonly delayMs?: number;
  readonly drainMs?: number;
}

async function serve({ http, delayMs = 0, drainMs = 20_000 }: Settings) {
  const server = `{ port: 0, http: ${http}, drain_delay_ms: ${delayMs}, drain_ms: ${drainMs} }`;
  const models = 'models:\n  chat: { targets: [sim/gpt-4.1] }\n';
  writeFileSync(
    path.join(here.folder, 'bellwether.yaml'),
    `server: ${server}\nproviders:\n  sim: { kind: simulated }\n${models}`,
  );
  const env = { BELLWETHER_KEY: KEY, BELLWETHER_ADMIN_KEY: ADMIN };
  const gateway = runOn(['serve'], { cwd: here.folder, env });
  running.push(gateway);
  const [, url = ''] = await gateway.until(/listens on (http:\S+)\n/);
  await gateway.until(/-d '/);
  return { gateway, url };
}

interface Heard {
  readonly status: number;
  readonly connection: string | undefined;
  readonly text: string;
  readonly cut: boolean;
}

// Over a connection of its own.
async function send(url: string, body?: object): Promise<Heard> {
  const outgoing = request(url, {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': KEY, 'content-type': 'application/json', connection: 'keep-alive' },
  });
  let socket: Socket | null = null;
  outgoing.on('socket', (given: Socket) => {
    socket = given;
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [response]: IncomingMessage[] = await once(outgoing, 'response');
  let text = '';
  try {
    for await (const piece of response!) text += String(piece);
  } catch {}
  destroy(socket);
  const { statusCode = 0, headers, complete } = response!;
  return { status: statusCode, connection: headers.connection, text, cut: !complete };
}

function destroy(socket: Socket | null): void {
  socket?.destroy();
}

function ask(fault: string, stream = false): object {
  return { model: `sim/gpt-4.1#${fault}`, stream, messages: [{ role: 'user', content: 'Say hello' }] };
}

async function underWay(url: string, count: number): Promise<void> {
  while (!(await send(`${url}/healthz`)).text.includes(`"in_flight":${count}`)) continue;
}

// node:http resets a connection that is made in the very moment in which it closes; ours serves it.
describe.each([
  ['fast', /ECONNREFUSED/],
  ['node', /ECONNREFUSED|ECONNRESET/],
] as const)('a signal to stop (server.http: %s)', (http, refusal) => {
  it('fails readiness first, goes on serving with last answers, then takes nothing, and ends with 0', async () => {
    const { gateway, url } = await serve({ http, delayMs: 1_500 });
    expect(await send(`${url}/readyz`)).toMatchObject({ status: 200, connection: 'keep-alive' });
    const stopped = gateway.stop();
    await gateway.until(/Stopping: no request is under way/);
    expect(await send(`${url}/readyz`)).toMatchObject({ status: 503, connection: 'close' });
    const served = await send(`${url}/v1/chat/completions`, ask('slow:10'));
    expect(served).toMatchObject({ status: 200, connection: 'close', cut: false });
    const stream = await send(`${url}/v1/chat/completions`, ask('slow:10', true));
    expect(stream).toMatchObject({ status: 200, connection: 'close', cut: false });
    expect(stream.text).toContain('[DONE]');
    await expect(until(() => send(`${url}/livez`))).resolves.toMatch(refusal);
    expect((await stopped).code).toBe(0);
  });

  it('lets a stream end whole that began before, and closes idle connections without a reset', async () => {
    const { gateway, url } = await serve({ http });
    const idle = await keptOpen(url);
    const stream = send(`${url}/v1/chat/completions`, ask('slow:1000', true));
    await underWay(url, 1);
    const stopped = gateway.stop();
    await gateway.until(/Stopping: 1 request/);
    expect(await stream).toMatchObject({ status: 200, cut: false });
    expect((await stream).text).toContain('[DONE]');
    expect((await stopped).code).toBe(0);
    expect(await idle.end).toBe('ended');
  });

  it('tells what is cut at the deadline in its own envelope, counts it, and ends with 1', async () => {
    const { gateway, url } = await serve({ http, drainMs: 300 });
    const chat = send(`${url}/v1/chat/completions`, ask('hang'));
    const messages = send(`${url}/v1/messages`, { ...ask('hang'), max_tokens: 10 });
    const stream = send(`${url}/v1/chat/completions`, ask('hang-mid:2', true));
    await underWay(url, 3);
    const { code, stderr, stdout } = await gateway.stop();
    expect([code, stderr]).toEqual([
      1,
      'Stopped: 3 requests did not finish within 300 ms and were cut off.\n',
    ]);
    const [one, other, third] = await Promise.all([chat, messages, stream]);
    expect([one.status, JSON.parse(one.text).error.message]).toEqual([503, expect.stringMatching(/stopped/)]);
    expect([other.status, JSON.parse(other.text).type]).toEqual([503, 'error']);
    expect(third).toMatchObject({ status: 200, cut: true });
    expect(third.text).toMatch(/data: \{"error".*stopped/);
    expect(third.text).not.toContain('[DONE]');
    expect(stdout.match(/"kind":"shutting_down"/g)).toHaveLength(3);
  });
});

// The message of the error with which something ends that is tried again and again.
async function until(attempt: () => Promise<unknown>): Promise<string> {
  try {
    for (;;) {
      await attempt();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } catch (error) {
    return String(error);
  }
}

// A connection that has had one answer and stays; how the gateway ends it.
async function keptOpen(url: string): Promise<{ readonly socket: Socket; readonly end: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const end = new Promise<string>((resolve) => {
    socket.on('end', () => resolve('ended'));
    socket.on('error', (error) => resolve(String(error)));
  });
  socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  return { socket, end };
}
