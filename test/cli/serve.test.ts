import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, runOn, temporaryFolder, type Outcome, type Running } from './run.ts';

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

const KEYS = {
  BELLWETHER_KEY: 'client-key-4fQz81LmXw27TrKc',
  BELLWETHER_ADMIN_KEY: 'admin-key-9sHd53PvNb06YjGe',
};

async function serve(
  args: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
): Promise<{ readonly gateway: Running; readonly url: string }> {
  const gateway = runOn(['serve', '--port', '0', ...args], { cwd: here.folder, env });
  running.push(gateway);
  const [, url = ''] = await gateway.until(/listens on (http:\S+)\n[^]*-d '/);
  return { gateway, url };
}

function cli(args: readonly string[], env: { readonly [name: string]: string } = {}): Promise<Outcome> {
  return run(args, { cwd: here.folder, env });
}

describe('the start screen', () => {
  it('fits a terminal, says that answers are simulated, shows first keys once, and its curl lines work', async () => {
    const { gateway, url } = await serve();
    await gateway.until(/Hi"}\]}'\n/);
    const screen = gateway.output();
    expect(screen).toContain('openai (simulated)');
    expect(screen).not.toContain('\u001b');
    expect(Math.max(...screen.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    const calls = [...screen.matchAll(/curl (?:-i )?(\S+) [^]*?Bearer (\S+?)"[^]*?-d '([^]*?)'/g)];
    expect(calls).toHaveLength(2);
    const answers = await Promise.all(
      calls.map(([, address = '', key = '', body = '']) =>
        fetch(address, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body,
        }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(answers.map((answer) => answer.headers.get('x-bellwether-attempts'))).toEqual(['1', '2']);
    expect((await gateway.stop()).code).toBe(0);
    const again = await serve();
    expect(again.url).not.toBe(url);
    expect(again.gateway.output()).toContain('Keys       made before;');
    expect(again.gateway.output()).not.toMatch(/bw_(live|admin)_/);
  });
});

describe('serve', () => {
  it.each([
    ['a weak key', [], { BELLWETHER_KEY: 'hunter2' }, [2, 'at least 24 are needed']],
    ['a key file that is missing', [], { BELLWETHER_KEY: 'file:none' }, [2, 'none, named by BELLWETHER_KEY']],
    ['a port that is none', ['--port', 'http'], {}, [2, 'from 0 to 65535, not "http"']],
    ['a file that is missing', ['--config', 'none.yaml'], {}, [2, 'none.yaml: cannot be read']],
    [
      'an address of another machine',
      ['--host', '192.0.2.1'],
      {},
      [6, 'This machine has no address 192.0.2.1'],
    ],
  ] as const)('does not start with %s, and says why', async (_name, args, env, [code, message]) => {
    const outcome = await cli(['serve', '--port', '0', ...args], env);
    expect(outcome.stderr).toContain(message);
    expect(outcome).toMatchObject({ code, stdout: '' });
  });

  it('says who holds the port or the database', async () => {
    const { url, gateway } = await serve([], KEYS);
    const { port } = new URL(url);
    const [port2, database] = await Promise.all([
      cli(['serve', '--port', port, '--data', 'other']),
      cli(['serve', '--port', '0']),
    ]);
    expect([port2.code, database.code]).toEqual([6, 6]);
    expect(port2.stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(database.stderr).toContain(`(process id ${gateway.child.pid})`);
    // A start that failed for its port made no keys that nobody saw: the next one shows some.
    const next = await serve(['--data', 'other']);
    expect(next.gateway.output()).toContain('bw_live_');
  });

  it('takes a changed file, and refuses a bad one whole with file, line and reason', async () => {
    const file = path.join(here.folder, 'bellwether.yaml');
    const text = 'providers:\n  drill: { kind: simulated }\nmodels:\n  first: { targets: [drill/gpt-4.1] }\n';
    writeFileSync(file, text);
    const { gateway, url } = await serve([], KEYS);
    const models = async (): Promise<readonly string[]> => {
      const answer = await fetch(`${url}/v1/models`, { headers: { 'x-api-key': KEYS.BELLWETHER_KEY } });
      const { data } = JSON.parse(await answer.text());
      return data.map((each: { id: string }) => each.id);
    };
    expect(await models()).toEqual(['first']);
    writeFileSync(file, text.replace('drill/', 'dril/'));
    gateway.child.kill('SIGHUP');
    await gateway.until(/bellwether\.yaml:4: models\.first\.targets\[0\].*did you mean .*drill/);
    expect(await models()).toEqual(['first']);
    writeFileSync(file, text.replace('first:', 'second:'));
    await gateway.until(/"changes":"model first removed; model second added"/);
    expect(await models()).toEqual(['second']);
  });

  it('finishes what is under way after the first signal, and says so', async () => {
    const { gateway, url } = await serve([], KEYS);
    const body = {
      model: 'openai/gpt-4.1#slow:1000',
      stream: true,
      messages: [{ role: 'user', content: 'Say hello' }],
    };
    const answer = send(`${url}/v1/chat/completions`, body);
    while (!(await send(`${url}/healthz`)).includes('"in_flight":1')) continue;
    const stopped = gateway.stop();
    await gateway.until(/Stopping: 1 request may finish/);
    expect(await answer).toContain('[DONE]');
    expect((await stopped).code).toBe(0);
  });
});

describe('a second signal', () => {
  it('ends it at once, with what is under way cut off', async () => {
    const { gateway, url } = await serve([], KEYS);
    const body = { model: 'openai/gpt-4.1#hang', messages: [{ role: 'user', content: 'Hi' }] };
    const cut = send(`${url}/v1/chat/completions`, body).catch((error: unknown) => String(error));
    while (!(await send(`${url}/healthz`)).includes('"in_flight":1')) continue;
    gateway.child.kill('SIGTERM');
    await gateway.until(/Stopping: 1 request/);
    const { code, stderr } = await gateway.stop('SIGINT');
    expect([code, stderr]).toEqual([1, 'Stopped at once on a second SIGINT; 1 request cut off.\n']);
    expect(await cut).toMatch(/ECONNRESET|socket hang up/);
  });
});

// Over a connection of its own, which ends with the answer.
async function send(url: string, body?: object): Promise<string> {
  const outgoing = request(url, {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': KEYS.BELLWETHER_KEY, 'content-type': 'application/json' },
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [response]: IncomingMessage[] = await once(outgoing, 'response');
  let text = '';
  for await (const piece of response!) text += String(piece);
  return text;
}

describe('beside a running gateway', () => {
  it('commands work through its admin API, and a broken provider is not noticed in a chat', async () => {
    const { url } = await serve([], KEYS);
    const env = { ...KEYS, BELLWETHER_URL: url };
    expect((await cli(['simulate', 'fault', 'openai', 'down'], env)).stderr).toContain(
      'openai has the fault "down"',
    );
    const one = await cli(['chat', 'gpt-4.1', 'Say hello'], env);
    expect(one).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(one.stderr).toMatch(/anthropic\/claude-sonnet-4-5 · attempt \d, after openai\/gpt-4\.1 failed/);
    await cli(['simulate', 'fault', 'anthropic', '503'], env);
    expect(await cli(['chat', 'gpt-4.1', 'Say hello'], env)).toMatchObject({ code: 0, stdout: 'hello\n' });
    const made = await cli(['keys', 'create', '--name', 'late'], env);
    const withNew = await cli(['chat', 'claude-sonnet-4.5', 'Say hello'], {
      ...env,
      BELLWETHER_KEY: made.stdout.trim(),
    });
    expect(withNew.code).toBe(1);
    await expectRecovered(env);
  });

  it('a chat tells where an answer went on that broke off', async () => {
    const { url } = await serve([], KEYS);
    const env = { ...KEYS, BELLWETHER_URL: url };
    await cli(['simulate', 'fault', 'openai', 'cut:8'], env);
    const { code, stdout, stderr } = await cli(['chat', 'gpt-4.1', 'Count to 12'], env);
    expect([code, stdout]).toEqual([0, '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12\n']);
    expect(stderr).toContain(
      'openai/gpt-4.1 · went on at anthropic/claude-sonnet-4-5 (prefill) · first token ',
    );
  });

  it('says what is needed where the database is held by it and no key is given', async () => {
    const { url } = await serve([], KEYS);
    const { port } = new URL(url);
    const outcome = await cli(['keys', 'list'], { BELLWETHER_PORT: port });
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain('set BELLWETHER_ADMIN_KEY');
    writeFileSync(path.join(here.folder, 'admin-key'), `${KEYS.BELLWETHER_ADMIN_KEY}\n`);
    const env = { BELLWETHER_PORT: port, BELLWETHER_ADMIN_KEY: 'file:admin-key' };
    expect((await cli(['keys', 'list'], env)).stdout).toMatch(/BELLWETHER_KEY +inference/);
    expect(
      (await cli(['keys', 'list'], { ...env, BELLWETHER_ADMIN_KEY: 'wrong-key-3jWd91HsLq55Zx' })).code,
    ).toBe(3);
  });
});

// Rows of the log are written in batches: asked again until both are there.
async function expectRecovered(env: { readonly [name: string]: string }): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    const { stdout } = await cli(['requests', '--recovered', '--json'], env);
    const { requests } = JSON.parse(stdout);
    if (requests.length < 2) continue;
    const [newest] = requests;
    const { stdout: shown } = await cli(['requests', newest.id], env);
    expect(shown).toMatch(/^Answered +200 from gemini\/gemini-2\.5-flash$/m);
    expect(shown).toMatch(/^\d\. {2}openai\/gpt-4\.1 .* failed: upstream_unavailable$/m);
    expect(shown).toMatch(/^\d\. {2}gemini\/gemini-2\.5-flash .*▒+█* .* answered$/m);
    return;
  }
  expect.unreachable('the recovered requests never came into the log');
}

describe('simulate', () => {
  it('serves three wires on a socket and fails by the name of a model', async () => {
    const simulator = runOn(['simulate', '--port', '0', '--first-token-ms', '0'], { cwd: here.folder });
    running.push(simulator);
    const [, url = ''] = await simulator.until(/listen on (http:[^\s]+)\. [^]*-d '/);
    const ask = async (address: string, body: object): Promise<number> => {
      const answer = await fetch(url + address, {
        method: 'POST',
        headers: { authorization: 'Bearer any', 'anthropic-version': '2023-06-01', 'x-goog-api-key': 'any' },
        body: JSON.stringify(body),
      });
      return answer.status;
    };
    const messages = [{ role: 'user', content: 'Hi' }];
    const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
    expect(
      await Promise.all([
        ask('/v1/chat/completions', { model: 'gpt-4.1', messages }),
        ask('/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 9, messages }),
        ask('/v1beta/models/gemini-2.5-flash:generateContent', { contents }),
        ask('/p/other/v1/chat/completions', { model: 'gpt-4.1#503', messages }),
      ]),
    ).toEqual([200, 200, 200, 503]);
    expect((await simulator.stop()).code).toBe(0);
  });

  it('says which faults there are', async () => {
    const { code, stderr } = await cli(['simulate', '--fault', 'cutt']);
    expect([code, stderr]).toEqual([2, 'Error: There is no fault "cutt" (did you mean "cut"?).\n']);
  });
});
