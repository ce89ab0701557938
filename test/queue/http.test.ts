import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstance, type Instance } from '../../src/compose/instance.ts';
import { loadConfig } from '../../src/compose/load-config.ts';
import { ERROR_KINDS } from '../../src/spec/error.ts';
import { isTransient } from '../../src/server/queue/runner.ts';

let instance: Instance;
let key = '';
let otherKey = '';

beforeAll(async () => {
  const config = {
    server: { port: 0 },
    store: { url: 'memory:' },
    observe: { log_level: 'silent' },
    providers: { p: { kind: 'simulated' } },
    models: { m: { targets: ['p/gpt-4.1'] }, secret: { targets: ['p/gpt-4.1'] } },
  };
  const loaded = loadConfig({ type: 'value', value: config }, { resolve: () => null });
  instance = await startInstance({ loaded });
  key = await newKey();
  otherKey = await newKey();
});
afterAll(() => instance.close(0));

async function newKey(): Promise<string> {
  const issued = await instance.keys.issue({
    name: 'test',
    role: 'inference',
    models: ['m'],
    directTargets: false,
    tags: [],
    expiresAtMs: null,
  });
  return issued.plain;
}

async function call(method: string, path: string, body?: unknown, as = key) {
  const response = await fetch(`${instance.server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, json };
}

async function finished(id: string) {
  for (;;) {
    const { json } = await call('GET', `/v1/queue/${id}`);
    if (json.status === 'answered' || json.status === 'dead') return json;
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}

const messages = [{ role: 'user', content: 'Say hello, Ümit.' }];
const request = { model: 'm', messages };

describe('the queue over HTTP', () => {
  it('accepts an envelope, answers it and shows the answer to its key alone', async () => {
    const metadata = { name: 'Ümit', n: 1 };
    const accepted = await call('POST', '/v1/queue', { request, metadata, order_key: 'ü' });
    expect(accepted.status).toBe(202);
    expect(accepted.json).toMatchObject({
      status: 'queued',
      model: 'm',
      metadata,
      order_key: 'ü',
      answer: null,
    });
    expect(accepted.headers.get('location')).toBe(`/v1/queue/${accepted.json.id}`);
    const job = await finished(accepted.json.id);
    expect(job).toMatchObject({ status: 'answered', attempts: 1, answer: { status: 200 } });
    expect(job.answer.body).toMatchObject({ object: 'chat.completion' });
    expect((await call('GET', `/v1/queue/${job.id}`, undefined, otherKey)).status).toBe(404);
    expect((await call('DELETE', `/v1/queue/${job.id}`, undefined, otherKey)).status).toBe(404);
    expect((await call('DELETE', `/v1/queue/${job.id}`)).status).toBe(409);
    const own = await call('GET', '/v1/queue?status=answered');
    expect(own.json.data.map(({ id }: { readonly id: string }) => id)).toContain(job.id);
    expect((await call('GET', '/v1/queue', undefined, otherKey)).json.data).toEqual([]);
  });

  it.each([
    ['/v1/chat/completions', { ...request, background: true }, { object: 'chat.completion' }],
    ['/v1/messages', { ...request, max_tokens: 50, background: true }, { type: 'message' }],
  ])('takes a request for %s that may wait', async (path, body, answer) => {
    const accepted = await call('POST', path, body);
    expect(accepted.status).toBe(202);
    const job = await finished(accepted.json.id);
    expect(job).toMatchObject({ status: 'answered', answer: { body: answer } });
  });

  it('serves at once what says that it may not wait', async () => {
    const { status, json } = await call('POST', '/v1/chat/completions', { ...request, background: false });
    expect([status, json.object]).toEqual([200, 'chat.completion']);
  });

  it('ends as dead, with the words of the refusal, what no repetition mends', async () => {
    const bad = { model: 'm', messages: [{ role: 'nobody', content: 1 }] };
    const { json } = await call('POST', '/v1/queue', { request: bad });
    const job = await finished(json.id);
    expect(job).toMatchObject({ status: 'dead', reason: { code: 'refused' }, last_error: { status: 400 } });
    expect(job.reason.message).toMatch(/nobody/);
  });

  it.each([
    ['no request', {}, 'request'],
    ['a text as the request', { request: 'hello' }, 'request'],
    ['an unknown field', { request, webhook: 'https://x.example' }, 'webhook'],
    ['an unknown API', { request, api: 'gemini' }, 'api'],
    ['no time', { request, expires_in_s: 0 }, 'expires_in_s'],
    ['metadata that are no object', { request, metadata: [1] }, 'metadata'],
    ['an empty order key', { request, order_key: '' }, 'order_key'],
    ['a webhook where nothing can be signed', { request, webhook_url: 'https://x.example' }, 'webhook_url'],
    ['a stream', { request: { ...request, stream: true } }, 'stream'],
  ])('refuses %s and names the field', async (_, body, field) => {
    const { status, json } = await call('POST', '/v1/queue', body);
    expect([status, json.error.param]).toEqual([400, field]);
  });

  it('refuses what the key may not do before anything is written', async () => {
    expect((await call('POST', '/v1/queue', { request }, 'bw_wrong')).status).toBe(401);
    expect((await call('POST', '/v1/queue', { request: { ...request, model: 'secret' } })).status).toBe(403);
    expect((await call('POST', '/v1/queue', { request: { ...request, model: 'none' } })).status).toBe(404);
    for (const path of [
      '/v1/queue?limit=0',
      '/v1/queue?status=lost',
      '/v1/queue?cursor=%27',
      '/v1/queue?x=1',
    ]) {
      expect([path, (await call('GET', path)).status]).toEqual([path, 400]);
    }
  });
});

it('repeats exactly what is not the fault of the caller', () => {
  const repeated = Object.entries(ERROR_KINDS).filter(([, { status }]) => isTransient(status));
  const faultOfCaller = repeated
    .map(([kind]) => kind)
    .filter((kind) =>
      /^(invalid|unauth|forbidden|guard|budget|context|content|model_not|payload|unsupported|conflict|idempotency)/.test(
        kind,
      ),
    );
  expect(faultOfCaller).toEqual([]);
  const upstream = Object.keys(ERROR_KINDS).filter((kind) => kind.startsWith('upstream_'));
  expect(upstream.filter((kind) => !repeated.some(([name]) => name === kind))).toEqual([]);
});
