import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstance, type Instance } from '../../src/compose/instance.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { createSecrets } from '../../src/node/secrets.ts';

const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Say hello' }] });

/** What came back over a raw connection. */
interface RawAnswer {
  readonly text: string;
  /** Status lines in the order received. */
  readonly statuses: readonly number[];
  readonly closed: boolean;
}

// Both servers must refuse the same.
describe.each(['fast', 'node'] as const)('HTTP as nobody should send it, to the %s server', (http) => {
  let instance: Instance;
  let key: string;
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-http-'));

  beforeAll(async () => {
    const value = {
      server: { port: 0, http, max_body_bytes: 10_000, head_timeout_ms: 600, body_timeout_ms: 1_200 },
      store: { url: `sqlite:${path.join(folder, 'bellwether.db')}` },
      observe: { log_level: 'silent' },
      providers: { a: { kind: 'simulated', simulate: { first_token_ms: 0, tokens_per_second: 100_000 } } },
      models: { m: { targets: ['a/gpt-4.1'] } },
    };
    instance = await startInstance({ loaded: loadConfig({ type: 'value', value }, createSecrets({})) });
    const rights = {
      name: 'test',
      role: 'inference',
      models: null,
      directTargets: true,
      tags: [],
      expiresAtMs: null,
    } as const;
    key = (await instance.keys.issue(rights)).plain;
  });

  afterAll(async () => {
    await instance.close(1_000);
    rmSync(folder, { recursive: true, force: true });
  });

  // Writes pieces with pauses between them and collects whatever comes until the server closes or falls silent.
  function raw(pieces: readonly string[], quietMs = 400, pauseMs = 0): Promise<RawAnswer> {
    return new Promise((resolve) => {
      const socket = connect(instance.server.port, '127.0.0.1');
      let text = '';
      let quiet: NodeJS.Timeout;
      const done = (closed: boolean): void => {
        clearTimeout(quiet);
        socket.destroy();
        const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
        resolve({ text, statuses, closed });
      };
      const listen = (): void => {
        clearTimeout(quiet);
        quiet = setTimeout(() => done(false), quietMs);
      };
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        listen();
      });
      socket.on('error', () => done(true));
      socket.on('close', () => done(true));
      socket.on('connect', () => {
        listen();
        pieces.forEach((piece, index) =>
          setTimeout(() => socket.writable && socket.write(piece, 'latin1'), index * pauseMs),
        );
      });
    });
  }

  const post = (headers: readonly string[], body = BODY, target = '/v1/chat/completions'): string =>
    [
      `POST ${target} HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${key}`,
      'content-type: application/json',
      ...headers,
      '',
      body,
    ].join('\r\n');

  it('answers a right request', async () => {
    const { statuses, text } = await raw([post([`content-length: ${BODY.length}`])]);
    expect(statuses).toEqual([200]);
    expect(text).toContain('"content":"hello"');
  });

  it.each([
    [
      'content-length and transfer-encoding',
      [`content-length: ${BODY.length}`, 'transfer-encoding: chunked'],
    ],
    ['two different lengths', ['content-length: 5', `content-length: ${BODY.length}`]],
    ['a length that is no number', ['content-length: abc']],
    ['a negative length', ['content-length: -5']],
    ['an unknown transfer coding', ['transfer-encoding: gzip']],
    ['a space before the colon', [`content-length : ${BODY.length}`]],
    ['a folded header', ['x-a: 1', ' 2', `content-length: ${BODY.length}`]],
    ['a control character in a header', [`x-a: a\u0001b`, `content-length: ${BODY.length}`]],
    ['a NUL in a header', [`x-a: a\u0000b`, `content-length: ${BODY.length}`]],
    ['no host', []],
  ])('refuses %s and closes', async (name, headers) => {
    const request =
      name === 'no host'
        ? post([`content-length: ${BODY.length}`]).replace('host: x\r\n', '')
        : post(headers);
    const { statuses, closed } = await raw([request]);
    expect(statuses).toHaveLength(1);
    expect(statuses[0]).toBe(400);
    expect(closed).toBe(true);
  });

  it('does not take the rest of a refused request for another one', async () => {
    const smuggled = `0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n`;
    const { statuses, text } = await raw([
      post([`content-length: ${smuggled.length}`, 'transfer-encoding: chunked'], smuggled),
    ]);
    expect(statuses).toEqual([400]);
    expect(text).not.toContain('ai_requests_total');
  });

  it('refuses a body that says it is too long before reading it, and one that turns out to be', async () => {
    const said = await raw([post(['content-length: 20000'], '{')]);
    expect(said.statuses).toEqual([413]);
    expect(said.text).toContain('"error"');
    const chunk = `${(9_000).toString(16)}\r\n${'x'.repeat(9_000)}\r\n`;
    const grown = await raw([post(['transfer-encoding: chunked'], chunk + chunk)]);
    expect(grown.statuses).toEqual([413]);
  });

  it('refuses a head that is too long', async () => {
    const { statuses } = await raw([
      post([`x-long: ${'y'.repeat(70_000)}`, `content-length: ${BODY.length}`]),
    ]);
    expect(statuses).toEqual([431]);
  });

  it('gives up on a head that dribbles in', async () => {
    const pieces = Array.from('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n').concat(
      Array.from({ length: 40 }, () => 'x'),
    );
    const { statuses, closed } = await raw(pieces, 5_000, 60);
    expect(statuses).toEqual([408]);
    expect(closed).toBe(true);
  });

  it('gives up on a body that dribbles in', async () => {
    const pieces = [post(['content-length: 500'], '{'), ...Array.from({ length: 60 }, () => ' ')];
    const { statuses, closed } = await raw(pieces, 5_000, 60);
    expect(statuses).toEqual([408]);
    expect(closed).toBe(true);
  });

  it('answers pipelined requests in order, each once', async () => {
    const one = post([`content-length: ${BODY.length}`]);
    const two = 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n';
    const { statuses, text } = await raw([one + two + one]);
    expect(statuses).toEqual([200, 200, 200]);
    expect(text.indexOf('"content":"hello"')).toBeLessThan(text.indexOf('"status":"ok"'));
  });

  it('streams to HTTP/1.0 without chunks, up to the end of the connection', async () => {
    const body = JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    const request = post([`content-length: ${body.length}`], body).replace('HTTP/1.1', 'HTTP/1.0');
    const { statuses, text, closed } = await raw([request]);
    expect(statuses).toEqual([200]);
    expect(text).not.toContain('transfer-encoding');
    expect(text).toMatch(/\r\n\r\ndata: \{[^]*data: \[DONE\]\n\n$/);
    expect(closed).toBe(true);
  });

  it('answers a pipelined stream behind a whole answer', async () => {
    const body = JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
    const streamed = post([`content-length: ${body.length}`], body);
    const { statuses, text } = await raw([post([`content-length: ${BODY.length}`]) + streamed + streamed]);
    expect(statuses).toEqual([200, 200, 200]);
    expect(text.match(/data: \[DONE\]/g)).toHaveLength(2);
    expect(text.match(/\r\n0\r\n/g)).toHaveLength(2);
  });

  it.each([
    ['GET', '/v1/chat/completions', 405],
    ['POST', '/v1/chat/completion', 404],
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/v1/models/%E0%A4%A', 401],
    ['GET', `/${'a'.repeat(3_000)}`, 404],
    ['GET', '/admin/v1/keys', 401],
    ['DELETE', '/metrics', 405],
  ])('answers %s %s with %i in an envelope', async (method, target, status) => {
    const { statuses, text } = await raw([
      `${method} ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`,
    ]);
    expect(statuses).toEqual([status]);
    expect(text).toContain('"error"');
  });

  it.each([
    ['none', []],
    ['an unknown one', ['authorization: Bearer bw_live_00000000000000000000000000000000000000']],
    ['a mistyped one', ['authorization: Bearer bw_live_xyz']],
    ['an empty one', ['authorization: Bearer ']],
    ['another scheme', ['authorization: Basic dXNlcjpwYXNz']],
    ['a very long one', [`authorization: Bearer ${'k'.repeat(30_000)}`]],
    ['one with strange bytes', ['authorization: Bearer \u00ff\u00fe\u00fd']],
    ['two of them', ['authorization: Bearer a', 'authorization: Bearer b']],
  ])('refuses a key that is not one: %s', async (_name, headers) => {
    const lines = [
      'POST /v1/messages HTTP/1.1',
      'host: x',
      `content-length: ${BODY.length}`,
      ...headers,
      '',
      BODY,
    ];
    const { statuses, text } = await raw([lines.join('\r\n')]);
    expect(statuses).toEqual([401]);
    expect(text).toContain('"type":"authentication_error"');
  });
});
