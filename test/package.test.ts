import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { buildInto } from '../scripts/build.ts';
import { ROOT, toolEnvironment } from '../scripts/tool.ts';

const FOLDER = mkdtempSync(path.join(tmpdir(), 'bellwether-package-'));
const PACKAGE = path.join(FOLDER, 'package');
/** A project that depends on the package as npm would install it. */
const CONSUMER = path.join(FOLDER, 'consumer');
const COMMAND = path.join(CONSUMER, 'node_modules', '.bin', 'bellwether');
const KEYS = {
  BELLWETHER_KEY: 'client-key-4fQz81LmXw27TrKc',
  BELLWETHER_ADMIN_KEY: 'admin-key-9sHd53PvNb06YjGe',
};

/** Why npm could not install the package; null where it could. */
let skipped: string | null = null;

// Packed from a folder of its own, because the static checks build dist/ at the same time.
beforeAll(async () => {
  mkdirSync(PACKAGE);
  for (const name of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'schema'])
    cpSync(path.join(ROOT, name), path.join(PACKAGE, name), { recursive: true });
  const built = await buildInto(path.join(PACKAGE, 'dist'));
  if (!built.ok) throw new Error(built.output);
  mkdirSync(CONSUMER);
  writeFileSync(
    path.join(CONSUMER, 'package.json'),
    '{ "name": "consumer", "private": true, "type": "module" }',
  );
  const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', FOLDER], PACKAGE);
  if (packed.code !== 0) throw new Error(packed.output);
  const file = path.join(FOLDER, /bellwether-\S+\.tgz/.exec(packed.output)?.[0] ?? 'missing');
  const options = [
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=0',
    '--fetch-timeout=10000',
  ];
  const installed = await run('npm', ['install', ...options, file], CONSUMER);
  if (installed.code !== 0) skipped = `npm could not install the package: ${installed.output}`;
  if (skipped === null) return;
  if (process.env['CI'] === 'true') throw new Error(skipped);
  process.stderr.write(`Skipped: the published package (${skipped}).\n`);
}, 60_000);

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('the published package', () => {
  it('brings two dependencies, and the licences of all the code that is inside', (context) => {
    needsInstallation(context);
    const manifest: unknown = JSON.parse(readFileSync(installedFile('package.json'), 'utf8'));
    expect(Object.keys(Object(manifest).dependencies)).toEqual(['pino', 'zod']);
    const licences = readFileSync(installedFile('dist/THIRD-PARTY-LICENSES'), 'utf8');
    for (const name of ['zod', 'yaml', 'commander', '@clack/prompts', 'sisteransi'])
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|ISC)\\)$`, 'm'));
  });

  it('has a command that explains itself and checks a configuration, with line numbers', async (context) => {
    needsInstallation(context);
    expect((await run(COMMAND, ['--help'])).output).toContain('Usage: bellwether [options] [command]');
    writeFileSync(path.join(CONSUMER, 'good.yaml'), 'providers:\n  drill: { kind: simulated } # a comment\n');
    writeFileSync(path.join(CONSUMER, 'bad.yaml'), 'providers:\n  drill: { kind: simulatd }\n');
    expect(await run(COMMAND, ['check', 'good.yaml'])).toMatchObject({ code: 0 });
    const refused = await run(COMMAND, ['check', 'bad.yaml']);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.output).toMatch(/bad\.yaml:2: .*did you mean "simulated"/);
  });

  it('serves from a database on disk: whole answers, streams, the admin API, and what it logged', async (context) => {
    needsInstallation(context);
    const { url, stop } = await start(
      ['serve', '--port', '0', '--config', configured()],
      /listens on (http:\/\/\S+:\d+)/,
      KEYS,
    );
    const whole = await ask(url, { model: 'm', messages: [{ role: 'user', content: 'Say hello' }] });
    expect(whole.status).toBe(200);
    expect(await whole.json()).toMatchObject({ choices: [{ message: { content: 'hello' } }] });
    const streamed = await ask(url, {
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'Count to 5' }],
    });
    expect(await streamed.text()).toMatch(/"content":"[^]*data: \[DONE\]/);
    expect((await admin(`${url}/admin/v1/openapi.json`)).status).toBe(200);
    await stop();
    const logged = await run(COMMAND, ['requests', '--json']);
    expect(logged.output.match(/"model": ?"m"/g), logged.output).toHaveLength(2);
  });

  it('serves simulated providers alone', async (context) => {
    needsInstallation(context);
    const { url } = await start(
      ['simulate', '--port', '0', '--first-token-ms', '0'],
      /(http:\/\/[\d.]+:\d+)/,
    );
    const answer = await ask(url, { model: 'gpt-4.1', messages: [{ role: 'user', content: 'Say hello' }] });
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'hello' } }] });
  });

  it('opens all of its doors to programs, and its errors name our functions', async (context) => {
    needsInstallation(context);
    const file = path.join(CONSUMER, 'doors.mjs');
    writeFileSync(file, DOORS);
    const outcome = await run(process.execPath, [file]);
    expect(outcome.output).toContain('hello 200 openai-chat,anthropic-messages,gemini function');
    expect(outcome.output).toMatch(/at (async )?(createGateway|loadConfig|resolveConfig) /);
    expect(outcome.code).toBe(0);
    const mapped = await run(process.execPath, ['--enable-source-maps', file]);
    expect(mapped.output).toMatch(/at resolveConfig \(.*src\/config\/resolve\.ts:\d+/);
  });

  it('has types that a strict project compiles against', async (context) => {
    needsInstallation(context);
    writeFileSync(path.join(CONSUMER, 'doors.ts'), TYPED_DOORS);
    const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const roots = ['--typeRoots', path.join(ROOT, 'node_modules', '@types')];
    expect(await run(tsc, [...flags, ...roots, 'doors.ts'])).toEqual({ code: 0, output: '' });
  });
});

const CONFIG = `{
  providers: { drill: { kind: 'simulated', simulate: { first_token_ms: 0, tokens_per_second: 10_000 } } },
  models: { m: { targets: ['drill/gpt-4.1'] } },
}`;

const DOORS = `
import { createGateway } from 'bellwether';
import { startServer } from 'bellwether/server';
import { PROTOCOLS } from 'bellwether/protocols';
import { createSimulator } from 'bellwether/testing';
const config = ${CONFIG};
const request = { model: 'm', messages: [{ role: 'user', content: 'Say hello' }] };
const gateway = await createGateway({ config });
const { text } = await gateway.chat(request);
await gateway.close();
const server = await startServer({ config: { ...config, server: { port: 0 }, store: { url: 'memory:' } }, log: { level: 'silent' } });
const { status } = await fetch(server.url + '/readyz');
await server.close();
console.log(text, status, PROTOCOLS.map(({ id }) => id).join(), typeof createSimulator);
await createGateway({ config: { providers: { a: { kind: 'none' } } } }).catch((error) => console.log(error.stack));
`;

const TYPED_DOORS = `
import { createGateway, type ChatAnswer, type ConfigInput } from 'bellwether';
import { startServer, type RunningServer } from 'bellwether/server';
import { PROTOCOLS, type Protocol } from 'bellwether/protocols';
import { createSimulator, type Simulator } from 'bellwether/testing';
const config: ConfigInput = { server: { port: 8484 } };
// @ts-expect-error a port is a number, so the types of the configuration are really there
const wrong: ConfigInput = { server: { port: 'none' } };
export const answer: Promise<ChatAnswer> = createGateway({ config }).then((gateway) =>
  gateway.chat({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] }),
);
export const server: Promise<RunningServer> = startServer({ config: wrong });
export const protocols: readonly Protocol[] = PROTOCOLS;
export const simulator: (...args: Parameters<typeof createSimulator>) => Simulator = createSimulator;
`;

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

async function run(program: string, args: readonly string[], cwd = CONSUMER): Promise<Outcome> {
  const child = spawn(program, args, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = gather(child);
  const [code]: unknown[] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, output: output() };
}

interface Started {
  readonly url: string;
  readonly stop: () => Promise<unknown>;
}

/** Starts a command that stays until the test ends, and waits for the address that it prints. */
async function start(args: readonly string[], address: RegExp, env = {}): Promise<Started> {
  const child = spawn(COMMAND, args, { cwd: CONSUMER, env: { ...environment(), ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = gather(child);
  const ended = once(child, 'close');
  const stop = (): Promise<unknown> => {
    child.kill('SIGTERM');
    return ended;
  };
  for (;;) {
    const found = address.exec(output());
    if (found?.[1] !== undefined) return { url: found[1], stop };
    if (child.exitCode !== null) throw new Error(`${args[0]} ended early: ${output()}`);
    await Promise.race([once(child.stdout, 'data'), ended]);
  }
}

function gather(child: ChildProcess): () => string {
  let output = '';
  const take = (text: string): void => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  return () => output;
}

// The Node that runs this test, no keys of providers, and no colours.
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(toolEnvironment()).filter(([name]) => !/_API_KEY$|^BELLWETHER_/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

function configured(): string {
  writeFileSync(path.join(CONSUMER, 'bellwether.yaml'), CONFIG.replaceAll('10_000', '10000'));
  return 'bellwether.yaml';
}

function ask(url: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${KEYS.BELLWETHER_KEY}`, 'content-type': 'application/json' };
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
}

function admin(url: string): Promise<Response> {
  return fetch(url, { headers: { authorization: `Bearer ${KEYS.BELLWETHER_ADMIN_KEY}` } });
}

function installedFile(name: string): string {
  return path.join(CONSUMER, 'node_modules', 'bellwether', name);
}

function needsInstallation(context: TestContext): void {
  if (skipped !== null) context.skip(skipped);
}
