import fc from 'fast-check';
import { brandText } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { describe, expect, it } from 'vitest';
import { sampleAttempt, sampleFailure, sampleFinished } from '../../events/testing/sample-events.ts';
import { StoreError } from '../../store/store-error.ts';
import { memoryStores } from '../../store/memory/memory-stores.ts';
import { ADMIN_BODY_BYTES_MAX } from './admin.ts';
import { problemSchema } from './problem.ts';
import { sampleJob } from '../../queue/testing/sample-job.ts';
import type { QueueStore } from '../../store/store.ts';
import { ADMIN_ROUTES } from './table.ts';
import { adminWorld, type Sent } from './testing/admin-world.ts';

// For each route a request that succeeds; the tables below send these and variations of them.
const SAMPLES: Record<string, (ids: { keyId: string }) => Omit<Sent, 'method'>> = {
  createKey: () => ({ path: '/keys', body: { name: 'Search' } }),
  listKeys: () => ({ path: '/keys' }),
  getKey: ({ keyId }) => ({ path: `/keys/${keyId}` }),
  updateKey: ({ keyId }) => ({ path: `/keys/${keyId}`, body: { name: 'New' } }),
  revokeKey: ({ keyId }) => ({ path: `/keys/${keyId}` }),
  listRequests: () => ({ path: '/requests', query: 'limit=2&outcome=recovered' }),
  getRequest: () => ({ path: '/requests/req-1' }),
  getHealth: () => ({ path: '/health' }),
  getHealthReport: () => ({ path: '/health-report' }),
  listModels: () => ({ path: '/models' }),
  getConfig: () => ({ path: '/config' }),
  reloadConfig: () => ({ path: '/config/reload' }),
  explain: () => ({ path: '/explain', body: { model: 'gpt-4.1', tools: true } }),
  listSimulatedProviders: () => ({ path: '/simulator' }),
  setSimulatedFault: () => ({ path: '/simulator/drill/fault', body: { fault: { type: 'down' } } }),
  startDrill: () => ({ path: '/drills', body: { provider: 'openai', fault: 'down', seconds: 60 } }),
  listDrills: () => ({ path: '/drills' }),
  getDrill: () => ({ path: '/drills/drl_1' }),
  stopDrill: () => ({ path: '/drills/drl_1' }),
  listJobs: () => ({ path: '/queue', query: 'status=dead' }),
  retryJob: () => ({ path: '/queue/job_dead/retry' }),
  getOpenApi: () => ({ path: '/openapi.json' }),
};

async function addDeadJob(queue: QueueStore): Promise<void> {
  const dead = sampleJob({
    jobId: 'job_dead',
    webhookUrl: 'https://example.com/',
    lastError: { status: 400, message: 'Bad.' },
    delivery: { status: 'undelivered', attempts: 3, atMs: 2_000, message: 'Gone.' },
    state: { status: 'dead', finishedAtMs: 1_000, reason: { code: 'refused', message: 'Bad.' } },
  });
  await queue.add({ ...dead, body: '{}' }, 1);
  await queue.lease(dead.createdAtMs, dead.createdAtMs);
  await queue.settle(dead, dead, null);
}

async function worldWithData() {
  const world = await adminWorld();
  const attempts = [sampleFailure(), sampleAttempt({ number: 2 })];
  await world.stores.requests.append([sampleFinished({ attempts })]);
  await addDeadJob(world.stores.queue);
  const [key] = await world.stores.keys.list();
  await world.send({
    method: 'POST',
    path: '/drills',
    body: { provider: 'openai', fault: '503', seconds: 9 },
  });
  return { ...world, keyId: key!.keyId };
}

describe.each(ADMIN_ROUTES.map((route) => [route.id, route] as const))('the route %s', (id, route) => {
  const sample = (ids: { keyId: string }): Sent => ({ method: route.method, ...SAMPLES[id]!(ids) });

  it('answers an admin as its schema says', async () => {
    const world = await worldWithData();
    const answer = await world.send(sample(world));
    expect([answer.status, answer.json]).toEqual([route.status, expect.anything()]);
    expect(route.output.safeParse(answer.json).error).toBeUndefined();
  });

  it('answers nobody else, unless it is open to all', async () => {
    const world = await worldWithData();
    const others: [key: string | null, status: number][] = [
      [null, 401],
      ['', 401],
      ['bw_admin_wrong', 401],
      [world.adminKey.slice(0, -1), 401],
      [world.inferenceKey, 403],
    ];
    for (const [key, status] of others) {
      const answer = await world.send({ ...sample(world), key });
      expect([key, answer.status]).toEqual([key, route.permission === null ? route.status : status]);
      const schema = route.permission === null ? route.output : problemSchema;
      expect(schema.safeParse(answer.json).error).toBeUndefined();
    }
  });

  it('refuses a field that it does not know, by name', async () => {
    const world = await worldWithData();
    const sent = sample(world);
    const odd =
      route.input === null
        ? { ...sent, query: 'surprise=1' }
        : { ...sent, body: { ...(sent.body as object), surprise: 1 } };
    const answer = await world.send(odd);
    expect([answer.status, answer.json.error]).toMatchObject([
      400,
      { code: 'unknown_field', field: 'surprise' },
    ]);
  });
});

describe('keys', () => {
  it('shows a new key once, counts it at once, and tells of it as an event', async () => {
    const { send, directory, events } = await adminWorld();
    const body = {
      name: ' Search ',
      models: ['gpt-4.1'],
      tags: ['a'],
      expires_at: '2030-01-01T00:00:00+02:00',
    };
    const { json } = await send({ method: 'POST', path: '/keys', body });
    expect(json.plain).toMatch(/^bw_live_/);
    expect(json.key).toMatchObject({
      name: 'Search',
      role: 'inference',
      expires_at: '2029-12-31T22:00:00.000Z',
    });
    expect(directory.identify(json.plain)).toMatchObject({ caller: { models: ['gpt-4.1'], tags: ['a'] } });
    expect(events.at(-1)).toMatchObject({ type: 'key-changed', keyId: json.key.id, change: 'created' });
    const listed = await send({ path: '/keys' });
    expect(JSON.stringify(listed.json)).not.toContain(json.plain.slice(8, 40));
    expect(JSON.stringify(listed.json)).not.toMatch(/hash|[0-9a-f]{64}/);
  });

  it('changes what is given and revokes for good', async () => {
    const { send, directory } = await adminWorld();
    const { json } = await send({ method: 'POST', path: '/keys', body: { name: 'a', tags: ['keep'] } });
    const path = `/keys/${json.key.id}`;
    const changed = await send({ method: 'PATCH', path, body: { models: [], direct_targets: true } });
    expect(changed.json).toMatchObject({ name: 'a', models: [], direct_targets: true, tags: ['keep'] });
    const revoked = await send({ method: 'DELETE', path });
    expect(revoked.json.revoked_at).not.toBeNull();
    expect(directory.identify(json.plain)).toMatchObject({ reason: 'revoked' });
  });

  it.each([
    ['no name', {}, 'name'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a role that does not exist', { name: 'a', role: 'owner' }, 'role'],
    ['models that are no list', { name: 'a', models: 'gpt-4.1' }, 'models'],
    ['a time that is none', { name: 'a', expires_at: 'tomorrow' }, 'expires_at'],
    ['a time in the past', { name: 'a', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['a nested mistake', { name: 'a', tags: ['ok', 3] }, 'tags.1'],
  ])('refuses %s and names the field', async (_, body, field) => {
    const { send, stores } = await adminWorld();
    const answer = await send({ method: 'POST', path: '/keys', body });
    expect([answer.status, answer.json.error]).toMatchObject([400, { code: 'invalid', field }]);
    expect(await stores.keys.list()).toHaveLength(2);
  });

  it('suggests the field that was meant', async () => {
    const { send } = await adminWorld();
    const answer = await send({ method: 'POST', path: '/keys', body: { name: 'a', model: ['x'] } });
    expect(answer.json.error.message).toBe('The field "model" is not known here (did you mean "models"?).');
  });
});

describe('requests', () => {
  it('pages with a cursor and filters', async () => {
    const { send, stores } = await adminWorld();
    await stores.requests.append(
      Array.from({ length: 5 }, (_, id) => sampleFinished({ requestId: `r${id}`, startedAtMs: 1_000 * id })),
    );
    const first = await send({ path: '/requests', query: 'limit=3&to=1970-01-01T00:00:04Z' });
    expect(first.json.requests.map((row: { id: string }) => row.id)).toEqual(['r3', 'r2', 'r1']);
    const rest = await send({ path: '/requests', query: `limit=3&cursor=${first.json.next_cursor}` });
    expect([rest.json.requests.length, rest.json.next_cursor]).toEqual([1, null]);
  });

  it.each([
    [0n, '0.00'],
    [1n, '0.000000001'],
    [-5n, '-0.000000005'],
    [6_450_000n, '0.00645'],
    [2n ** 63n - 1n, '9223372036.854775807'],
  ])('tells an amount of %d nanodollars exactly', async (costNanodollars, text) => {
    const { send, stores } = await adminWorld();
    await stores.requests.append([sampleFinished({ costNanodollars })]);
    expect((await send({ path: '/requests/req-1' })).json.cost_usd).toBe(text);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=x', 'limit'],
    ['from=yesterday', 'from'],
    ['outcome=good', 'outcome'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=zz', undefined],
  ])('refuses the query %s', async (query, field) => {
    const { send } = await adminWorld();
    const answer = await send({ path: '/requests', query });
    expect([answer.status, answer.json.error.code, answer.json.error.field]).toEqual([400, 'invalid', field]);
  });
});

describe('the gateway', () => {
  it('says what is wrong with a configuration that was not taken', async () => {
    const { send, state } = await adminWorld();
    state.reload = { type: 'refused', problems: ['routes.auto: no such strategy.'] };
    const answer = await send({ method: 'POST', path: '/config/reload' });
    expect([answer.status, answer.json.error.code]).toEqual([422, 'config_refused']);
    expect(answer.json.error.message).toMatch(/the one before stays in force\. routes\.auto/);
  });

  it.each([
    [
      { type: 'cut-mid-stream', after_events: 3 },
      { type: 'cut-mid-stream', afterEvents: 3 },
    ],
    [
      { type: 'slow-first-token', delay_ms: 9 },
      { type: 'slow-first-token', delayMs: 9 },
    ],
    [
      { type: 'dribble', byte_ms: 2 },
      { type: 'dribble', byteMs: 2 },
    ],
    [
      { type: 'status', error: 'quota' },
      { type: 'status', error: 'quota', retryAfter: { type: 'none' } },
    ],
    [
      { type: 'status', error: 'rate-limit', retry_after_seconds: 7 },
      { type: 'status', error: 'rate-limit', retryAfter: { type: 'seconds', seconds: 7 } },
    ],
  ])('breaks a simulated provider with %j and mends it', async (fault, kind) => {
    const { send, faults } = await adminWorld();
    const path = '/simulator/drill/fault';
    expect((await send({ method: 'POST', path, body: { fault, share: 0.5 } })).status).toBe(200);
    expect(faults.get('drill')).toEqual({ kind, share: 0.5 });
    await send({ method: 'POST', path, body: { fault: null } });
    expect(faults.get('drill')).toBeNull();
  });

  it('refuses faults of providers that are not simulated', async () => {
    const { send } = await adminWorld();
    const sent = { method: 'POST', path: '/simulator/dril/fault', body: { fault: null } };
    expect((await send(sent)).json.error.message).toMatch(/did you mean "drill"/);
    const real = await adminWorld({ simulator: null });
    expect((await real.send(sent)).status).toBe(404);
  });
});

describe('the admin API', () => {
  it('names near routes and the methods of a path', async () => {
    const { send } = await adminWorld();
    const lost = await send({ path: '/key' });
    expect([lost.status, lost.json.error.message]).toEqual([
      404,
      expect.stringMatching(/did you mean "\/admin\/v1\/keys/),
    ]);
    const wrong = await send({ method: 'PUT', path: '/keys' });
    expect([wrong.status, wrong.headers]).toEqual([405, expect.arrayContaining([['allow', 'POST, GET']])]);
    expect((await send({ path: '/keys/%zz' })).status).toBe(400);
    expect((await send({ path: '/key', key: null })).status).toBe(401);
  });

  it('stops listening to an address after five wrong keys, whatever key it brings then', async () => {
    const { send, clock, adminKey } = await adminWorld();
    const guess = () => send({ path: '/health', key: 'bw_admin_guess' });
    for (let turn = 0; turn < 5; turn += 1) expect((await guess()).status).toBe(401);
    const blocked = await send({ path: '/health', key: adminKey });
    expect([blocked.status, blocked.headers]).toEqual([
      429,
      expect.arrayContaining([['retry-after', '900']]),
    ]);
    expect((await send({ path: '/health', address: '198.51.100.7' })).status).toBe(200);
    await clock.advance(15 * 60_000);
    expect((await send({ path: '/health' })).status).toBe(200);
  });

  it('tells the log who changed what, and from where wrong keys came', async () => {
    const { send, log, directory, adminKey, stores } = await adminWorld();
    await send({ path: '/keys' });
    await send({ method: 'POST', path: '/keys', body: { name: 'a' } });
    await send({ path: '/keys', key: 'bw_admin_guess', address: '203.0.113.9' });
    const by = directory.identify(adminKey);
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'The admin API did createKey.',
        fields: {
          method: 'POST',
          path: '/admin/v1/keys',
          by_key_id: by.type === 'caller' && by.caller.keyId,
          by_key: 'admin',
          address: '192.0.2.1',
        },
      },
      {
        level: 'warn',
        message: 'A wrong key was brought to the admin API.',
        fields: { address: '203.0.113.9', reason: 'malformed' },
      },
    ]);
    const made = (await stores.keys.list()).at(-1);
    expect(JSON.stringify(log.lines)).not.toContain(made?.hash);
  });

  it('does not count requests without a key as guesses', async () => {
    const { send } = await adminWorld();
    for (let turn = 0; turn < 20; turn += 1) await send({ path: '/health', key: null });
    expect((await send({ path: '/health' })).status).toBe(200);
  });

  it('takes the key from x-api-key as well, and refuses two different ones', async () => {
    const { send, adminKey, inferenceKey } = await adminWorld();
    const headers = [['x-api-key', adminKey]] as const;
    expect((await send({ path: '/health', key: null, headers })).status).toBe(200);
    expect((await send({ path: '/health', headers })).status).toBe(200);
    expect((await send({ path: '/health', key: inferenceKey, headers })).status).toBe(400);
  });

  it.each([
    ['too large', 'x'.repeat(ADMIN_BODY_BYTES_MAX + 1), 413],
    ['empty', '', 400],
    ['not JSON', '{"name":', 400],
    ['a list', '[]', 400],
    ['too deep', '['.repeat(10_000), 400],
    ['a number too large for any field', '{"name":"a","expires_at":1e400}', 400],
    ['an attack on the prototype', '{"name":"a","__proto__":{"role":"admin"}}', 400],
    ['another attack on the prototype', '{"name":"a","constructor":{"prototype":{"role":"admin"}}}', 400],
  ])('refuses a body that is %s', async (_, body, status) => {
    const { send } = await adminWorld();
    const answer = await send({ method: 'POST', path: '/keys', body });
    expect(answer.status).toBe(status);
    expect(problemSchema.safeParse(answer.json).error).toBeUndefined();
  });

  it('refuses bodies of other types, and bytes that are no text', async () => {
    const { send } = await adminWorld();
    const body = { name: 'a' };
    const form = [['content-type', 'application/x-www-form-urlencoded']] as const;
    expect((await send({ method: 'POST', path: '/keys', body, headers: form })).status).toBe(415);
    const bytes = brandText<Bytes>('{"name":"\u00ff"}');
    expect((await send({ method: 'POST', path: '/keys', bytes })).json.error.message).toMatch(/UTF-8/);
    const json = [['content-type', 'application/json; charset=utf-8']] as const;
    expect((await send({ method: 'POST', path: '/keys', body, headers: json })).status).toBe(201);
  });

  it('never fails, never leaks, whatever is sent', async () => {
    const world = await worldWithData();
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('/keys', '/requests', '/keys/x', '/explain'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'X'),
        text,
        fc.string(),
        fc.oneof(fc.string(), fc.json()),
        async (method, path, query, body) => {
          const { status, json } = await world.send({ method, path, query, body });
          expect([200, 201, 400, 404, 405]).toContain(status);
          expect(status < 400 || problemSchema.safeParse(json).success).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
    expect(world.log.lines.filter((line) => line.level !== 'info')).toEqual([]);
  });

  it('hides the particulars of a dead store from the client and tells them to the log', async () => {
    const dead = () => Promise.reject(new StoreError('unavailable', 'The disk /var/secret is full.'));
    const { send, log } = await adminWorld({
      requests: { ...memoryStores().requests, list: dead, get: dead },
    });
    const answer = await send({ path: '/requests' });
    expect([answer.status, JSON.stringify(answer.json)]).toEqual([
      503,
      expect.not.stringContaining('secret'),
    ]);
    expect(log.lines).toMatchObject([{ level: 'error', fields: { error: 'The disk /var/secret is full.' } }]);
  });

  it('forbids caches to keep its answers', async () => {
    const { send } = await adminWorld();
    expect((await send({ path: '/keys' })).headers).toContainEqual(['cache-control', 'no-store']);
  });
});
